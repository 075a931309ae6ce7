// An app's tokens: from the code that a person's consent gave, by refreshing, to the end.
import { AT, client, refused, told } from './tell.js';

export async function tokens({ url, app }) {
  const { oauth } = client({ url, token: undefined });
  const form = [app.callback, app.id, app.secret];
  const first = await told(oauth.tokensApi.createWithHttpInfo('authorization_code', app.code, ...form));
  const again = await told(oauth.tokensApi.createWithHttpInfo(
    'refresh_token', undefined, ...form, first.data.refreshToken));
  const caller = client({ url, token: first.data.accessToken });
  caller.setAccessToken(again.data.accessToken);
  const made = await caller.crm.objects.calls.basicApi.create({ properties: { hs_timestamp: AT }, associations: [] });
  const about = await oauth.accessTokensApi.get(again.data.accessToken);
  const root = await oauth.refreshTokensApi.get(first.data.refreshToken);
  const over = await told(oauth.refreshTokensApi.archiveWithHttpInfo(first.data.refreshToken));
  const late = await refused(oauth.tokensApi.create('refresh_token', undefined, ...form, first.data.refreshToken));
  return { first: [first.status, first.model, first.data.expiresIn], again: [again.status, again.model],
    other: again.data.accessToken !== first.data.accessToken, made: /^\d+$/.test(made.id),
    about: [about.hubId, about.tokenType, about.scopes], root: [root.clientId === app.id, root.tokenType],
    over: over.status, late: [late.code, late.body.status] };
}
