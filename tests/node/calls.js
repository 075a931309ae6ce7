// Calls: the main job of a dialer, errors, pages of contacts, and what the client does when it is told to wait.
import { AT, client, refused, told } from './tell.js';

const at = (properties) => ({ hs_timestamp: AT, ...properties });

export async function upsert(ground) {
  const { batchApi } = client(ground).crm.objects.calls;
  const inputs = (title, ...keys) => keys.map((id) => (
    { id, idProperty: 'ref', objectWriteTraceId: id, properties: at({ hs_call_title: title }) }));
  const answers = [
    await told(batchApi.upsertWithHttpInfo({ inputs: inputs('one', 'A', 'B') })),
    await told(batchApi.upsertWithHttpInfo({ inputs: inputs('two', 'B', 'C') })),
    await told(batchApi.upsertWithHttpInfo({
      inputs: [...inputs('three', 'C'), { ...inputs('', 'D')[0], properties: at({ hs_call_status: 'NOPE' }) }],
    })),
  ];
  const met = new Set();
  return answers.map(({ status, model, data }) => {
    const news = data.results.map(({ id, _new }) => [met.has(id) ? 'met' : 'not met', _new ? 'new' : 'not new']);
    data.results.forEach(({ id }) => met.add(id));
    return { status, model, news: news.sort(), times: [data.startedAt, data.completedAt].every((time) => time instanceof Date),
      errors: (data.errors ?? []).map(({ status, category, context }) => ({ status, category, context })) };
  });
}

export async function pages(ground) {
  const { contacts } = client(ground).crm;
  const before = (await contacts.getAll()).length;
  const ids = [];
  for (let round = 0; round < 3; round += 1) {
    const inputs = Array.from({ length: 70 }, () => ({ properties: { lastname: 'Ann' }, associations: [] }));
    ids.push(...(await contacts.batchApi.create({ inputs })).results.map(({ id }) => id));
  }
  const walked = (await contacts.getAll(50)).map(({ id }) => id);
  return { met: ids.every((id) => walked.includes(id)), once: new Set(walked).size === walked.length,
    more: walked.length - before };
}

export async function history(ground) {
  const { basicApi } = client(ground).crm.objects.calls;
  const { id } = await basicApi.create({ properties: at({ hs_call_title: 'one' }), associations: [] });
  await basicApi.update(id, { properties: { hs_call_title: 'two' } });
  const read = await basicApi.getById(id, ['hs_call_title', 'hs_call_body'], ['hs_call_title']);
  const entries = read.propertiesWithHistory.hs_call_title;
  return { values: entries.map(({ value }) => value), body: read.properties.hs_call_body,
    models: entries.map((entry) => [entry.constructor.name, entry.timestamp instanceof Date]) };
}

export async function merge(ground) {
  const { basicApi } = client(ground).crm.contacts;
  const [kept, gone] = await Promise.all(['kept', 'gone'].map((lastname) =>
    basicApi.create({ properties: { lastname }, associations: [] })));
  const { status, data } = await told(basicApi.mergeWithHttpInfo({ primaryObjectId: kept.id, objectIdToMerge: gone.id }));
  return { status, lastname: data.properties.lastname, same: (await basicApi.getById(gone.id)).id === data.id };
}

export async function errors(ground) {
  const { basicApi, batchApi } = client(ground).crm.objects.calls;
  const twice = ['A', 'A'].map((id) => ({ id, idProperty: 'ref', properties: at() }));
  return {
    missing: await refused(basicApi.getById('7')),
    unknown: await refused(basicApi.create({ properties: at({ nope: '1' }), associations: [] })),
    twice: await refused(batchApi.upsert({ inputs: twice })),
    stranger: await refused(client(ground, { accessToken: 'nobody' }).crm.objects.calls.basicApi.getPage()),
  };
}

export async function plain(ground) {
  const answer = await client(ground).apiRequest({
    method: 'POST', path: '/crm/v3/objects/calls', body: { properties: at({ hs_call_title: 'plain' }) } });
  const listed = await client(ground).apiRequest({ path: '/crm/v3/objects/calls', qs: { limit: 1 } });
  return { status: answer.status, title: (await answer.json()).properties.hs_call_title,
    listed: (await listed.json()).results.length };
}

// More searches at once than two seconds allow, by a client that tries again.
export async function patience(ground) {
  const { searchApi } = client({ ...ground, url: ground.strict }, { numberOfApiCallRetries: 6 }).crm.objects.calls;
  const sought = { filterGroups: [], limit: 1 };
  const answers = await Promise.all(Array.from({ length: 11 }, () => searchApi.doSearch(sought)));
  return answers.map(({ total }) => total);
}
