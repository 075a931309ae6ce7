// Associations and their labels, in version 4 and in version 3.
import { client, told } from './tell.js';

const PAIR = ['contacts', 'companies'];
const PLAIN = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 };

async function ends(crm) {
  const contact = await crm.contacts.basicApi.create({ properties: { lastname: 'Ann' }, associations: [] });
  const company = await crm.companies.basicApi.create({ properties: { name: 'Acme' }, associations: [] });
  return [contact.id, company.id];
}

export async function single(ground) {
  const { crm } = client(ground);
  const { basicApi } = crm.associations.v4;
  const [contact, company] = await ends(crm);
  const path = ['contacts', contact, 'companies', company];
  const tied = await told(basicApi.createWithHttpInfo(...path, [PLAIN]));
  const again = await told(basicApi.createDefaultWithHttpInfo(...path));
  const page = await told(basicApi.getPageWithHttpInfo('contacts', contact, 'companies'));
  const shown = await crm.contacts.basicApi.getById(contact, undefined, undefined, ['companies']);
  const cut = await told(basicApi.archiveWithHttpInfo(...path));
  const after = await basicApi.getPage('contacts', contact, 'companies');
  return { tied: [tied.status, tied.model], again: [again.status, again.model],
    page: [page.status, page.model, page.data.results.map(({ toObjectId, associationTypes }) =>
      [String(toObjectId) === company, associationTypes.map(({ typeId, label }) => [typeId, label ?? null])])],
    shown: shown.associations.companies.results.map(({ id, type }) => [id === company, type]),
    cut: cut.status, after: after.results.length };
}

export async function batch(ground) {
  const { crm } = client(ground);
  const { batchApi } = crm.associations.v4;
  const [contact, company] = await ends(crm);
  const [alone] = await ends(crm);
  const pair = { _from: { id: contact }, to: { id: company } };
  const tied = await told(batchApi.createWithHttpInfo(...PAIR, { inputs: [{ ...pair, types: [PLAIN] }] }));
  const some = await told(batchApi.createWithHttpInfo(
    ...PAIR, { inputs: [{ ...pair, types: [PLAIN] }, { ...pair, to: { id: '7' }, types: [PLAIN] }] }));
  const usual = await told(batchApi.createDefaultWithHttpInfo(...PAIR, { inputs: [pair] }));
  const read = await told(batchApi.getPageWithHttpInfo(...PAIR, { inputs: [{ id: contact }] }));
  const none = await told(batchApi.getPageWithHttpInfo(...PAIR, { inputs: [{ id: contact }, { id: alone }] }));
  const named = await told(crm.associations.batchApi.readWithHttpInfo(...PAIR, { inputs: [{ id: contact }] }));
  const cut = await told(batchApi.archiveWithHttpInfo(...PAIR, { inputs: [{ _from: { id: contact }, to: [{ id: company }] }] }));
  return { tied: [tied.status, tied.model], some: [some.status, some.model, some.data.errors[0].message],
    usual: [usual.status, usual.model],
    read: [read.status, read.model, read.data.results[0].to.map(({ toObjectId }) => String(toObjectId) === company)],
    none: [none.status, none.model, none.data.errors[0].category],
    named: [named.status, named.model, named.data.results[0].to.map(({ id, type }) => [id === company, type])],
    cut: cut.status };
}

export async function labels(ground) {
  const { crm } = client(ground);
  const { definitionsApi } = crm.associations.v4.schema;
  const [contact, company] = await ends(crm);
  const made = await told(definitionsApi.createWithHttpInfo(
    ...PAIR, { name: 'works_at', label: 'Works at', inverseLabel: 'Employs' }));
  const { typeId } = made.data.results[0];
  const spec = { associationCategory: 'USER_DEFINED', associationTypeId: typeId };
  const tied = await crm.associations.v4.basicApi.create('contacts', contact, 'companies', company, [spec]);
  const changed = await told(definitionsApi.updateWithHttpInfo(...PAIR, { associationTypeId: typeId, label: 'Serves' }));
  const listed = (await definitionsApi.getAll(...PAIR)).results.map(({ label }) => label ?? null);
  const removed = await told(definitionsApi.removeWithHttpInfo(...PAIR, typeId));
  return { made: [made.status, made.model], tied: tied.labels, changed: changed.status,
    listed: listed.includes('Serves'), plain: listed.includes(null), removed: removed.status };
}
