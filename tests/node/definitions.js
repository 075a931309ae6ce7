// What a portal defines: properties and their groups, pipelines and their stages; and who owns records.
import { client, told } from './tell.js';

const brief = ({ status, model }) => [status, model ?? null];

export async function properties(ground) {
  const { coreApi, batchApi, groupsApi } = client(ground).crm.properties;
  const input = (name) => ({ name, label: name, type: 'enumeration', fieldType: 'select', groupName: 'mine',
    options: [{ label: 'A', value: 'a', displayOrder: 0, hidden: false }] });
  const names = { inputs: [{ name: 'node_two' }, { name: 'node_three' }] };
  const came = {};
  came.group = brief(await told(groupsApi.createWithHttpInfo('calls', { name: 'mine', label: 'Mine' })));
  came.create = brief(await told(coreApi.createWithHttpInfo('calls', input('node_one'))));
  came.update = brief(await told(coreApi.updateWithHttpInfo('calls', 'node_one', { label: 'Other' })));
  const read = await told(coreApi.getByNameWithHttpInfo('calls', 'node_one'));
  came.get = [...brief(read), read.data.label, read.data.options.map((option) => [option.constructor.name, option.value])];
  const list = await told(coreApi.getAllWithHttpInfo('calls'));
  came.list = [...brief(list), list.data.results.some(({ name }) => name === 'node_one')];
  came.batch = brief(await told(batchApi.createWithHttpInfo('calls', { inputs: names.inputs.map(({ name }) => input(name)) })));
  const many = await told(batchApi.readWithHttpInfo('calls', { archived: false, ...names }));
  came.many = [...brief(many), many.data.results.map(({ name }) => name).sort()];
  came.gone = brief(await told(batchApi.archiveWithHttpInfo('calls', names)));
  came.archive = brief(await told(coreApi.archiveWithHttpInfo('calls', 'node_one')));
  came.groups = (await groupsApi.getAll('calls')).results.map(({ name }) => name).includes('mine');
  came.regroup = brief(await told(groupsApi.updateWithHttpInfo('calls', 'mine', { label: 'Ours' })));
  came.ungroup = brief(await told(groupsApi.archiveWithHttpInfo('calls', 'mine')));
  return came;
}

export async function pipelines(ground) {
  const { pipelinesApi, pipelineStagesApi } = client(ground).crm.pipelines;
  const stage = (label, displayOrder) => ({ label, displayOrder, metadata: { probability: '0.5' } });
  const input = { label: 'Node', displayOrder: 1, stages: [stage('One', 0), stage('Two', 1)] };
  const came = {};
  const made = await told(pipelinesApi.createWithHttpInfo('deals', input));
  came.create = brief(made);
  const { id, stages } = made.data;
  came.update = brief(await told(pipelinesApi.updateWithHttpInfo('deals', id, { label: 'Other' })));
  came.get = (await pipelinesApi.getById('deals', id)).label;
  came.list = (await pipelinesApi.getAll('deals')).results.map(({ label }) => label);
  came.stage = brief(await told(pipelineStagesApi.createWithHttpInfo('deals', id, stage('Three', 2))));
  came.restage = brief(await told(pipelineStagesApi.updateWithHttpInfo('deals', id, stages[0].id, { label: 'Uno', metadata: {} })));
  came.stages = (await pipelineStagesApi.getAll('deals', id)).results.map(({ label }) => label);
  came.unstage = brief(await told(pipelineStagesApi.archiveWithHttpInfo('deals', id, stages[1].id)));
  came.replace = brief(await told(pipelinesApi.replaceWithHttpInfo('deals', id, { ...input, stages: [stage('Only', 0)] })));
  came.archive = brief(await told(pipelinesApi.archiveWithHttpInfo('deals', id)));
  return came;
}

export async function owners(ground) {
  const { ownersApi } = client(ground).crm.owners;
  const page = await told(ownersApi.getPageWithHttpInfo());
  const [owner] = page.data.results;
  const one = await told(ownersApi.getByIdWithHttpInfo(Number(owner.id)));
  const by = await ownersApi.getById(owner.userId, 'userId');
  const [found] = (await ownersApi.getPage(owner.email)).results;
  return { page: brief(page), owner: [owner.constructor.name, owner.createdAt instanceof Date], one: brief(one),
    same: [one.data.id, by.id, found.id].every((id) => id === owner.id) };
}
