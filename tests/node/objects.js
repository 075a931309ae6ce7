// Every object type of the client's `crm`, from the first record to the last page.
import { client, refused, told } from './tell.js';

// Where under `crm` the client has batches of records.
export function places(ground) {
  const found = [];
  (function walk(reached, path) {
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(reached))) {
      const child = name === 'constructor' ? undefined : reached[name];
      if (typeof child !== 'object') continue;
      if (child.batchApi) found.push([...path, name].join('.'));
      walk(child, [...path, name]);
    }
  })(client(ground).crm, []);
  return found;
}

// By place: what became of the records of its type.
export async function own(ground) {
  const lives = {};
  for (const [place, plural] of Object.entries(ground.own)) {
    const api = place.split('.').reduce((reached, name) => reached[name], client(ground).crm);
    lives[place] = await life(api, ground.kinds[plural], []);
  }
  return lives;
}

// By plural: the same, by the classes that take the type as their first argument.
export async function generic(ground) {
  const lives = {};
  for (const [plural, kind] of Object.entries(ground.kinds)) {
    lives[plural] = await life(client(ground).crm.objects, kind, [plural]);
  }
  return lives;
}

async function life({ basicApi, batchApi, searchApi }, { words, needed }, first) {
  const life = {};
  const values = (text, key) => ({ ...needed, [words]: text, ...(key && { ref: key }) });
  const note = async (name, answer, show) => {
    const { status, model, data } = await told(answer);
    life[name] = { status, ...(model && { model }), ...(show && { shown: show(data) }) };
    return data;
  };
  const text = (record) => [record.constructor.name, record.properties[words], record.createdAt instanceof Date];
  const texts = ({ results }) => results.map(text).sort();

  const made = await note(
    'create', basicApi.createWithHttpInfo(...first, { properties: values('first'), associations: [] }), text);
  await note('get', basicApi.getByIdWithHttpInfo(...first, made.id, [words]), text);
  await note('update', basicApi.updateWithHttpInfo(...first, made.id, { properties: { [words]: 'other' } }), text);

  const key = crypto.randomUUID();
  const inputs = ['one', 'two'].map((one) => ({ properties: values(one, key + one), associations: [] }));
  const { results } = await note('batch.create', batchApi.createWithHttpInfo(...first, { inputs }), texts);
  const one = results.find((record) => record.properties[words] === 'one');
  const changed = [{ id: one.id, properties: { [words]: 'other' } }];
  await note('batch.update', batchApi.updateWithHttpInfo(...first, { inputs: changed }), texts);
  const keyed = ['two', 'three'].map((end) => ({ id: key + end, idProperty: 'ref', properties: values('upserted') }));
  const news = (data) => data.results.map((record) => [...text(record), record._new]).sort();
  await note('batch.upsert', batchApi.upsertWithHttpInfo(...first, { inputs: keyed }), news);
  const read = (...ids) => batchApi.readWithHttpInfo(
    ...first, { inputs: ids.map((id) => ({ id })), properties: [words], propertiesWithHistory: [] });
  await note('batch.read', read(made.id, one.id), texts);
  await note('batch.read of some', read(one.id, '7'), (data) => [texts(data), data.errors[0].category]);

  const filters = [{ propertyName: 'hs_object_id', operator: 'EQ', value: made.id }];
  const sought = { filterGroups: [{ filters }], properties: [words], limit: 5 };
  await note('search', searchApi.doSearchWithHttpInfo(...first, sought), (data) => [data.total, texts(data)]);
  await note('page', basicApi.getPageWithHttpInfo(...first, 1), ({ results, paging }) =>
    [results.length, typeof paging.next.after]);

  await note('batch.archive', batchApi.archiveWithHttpInfo(...first, { inputs: results.map(({ id }) => ({ id })) }));
  await note('archive', basicApi.archiveWithHttpInfo(...first, made.id));
  life.gone = (await refused(basicApi.getById(...first, made.id))).code;
  return life;
}
