// What a call of the client came to, as plain JSON.
import { Client } from '@hubspot/api-client';

export const AT = '2025-04-24T20:01:33Z';

export function client(ground, options = {}) {
  return new Client({ basePath: ground.url, accessToken: ground.token, ...options });
}

// The status, and the class that the client made of the answer: `undefined` where it made none.
export async function told(answer) {
  const { httpStatusCode, data } = await answer;
  return { status: httpStatusCode, model: data?.constructor?.name, data };
}

// The same for a call that is to be refused: the code and the body of the client's exception.
export async function refused(answer) {
  try {
    return { passed: await answer };
  } catch (error) {
    return { kind: error.constructor.name, code: error.code, body: error.body, named: error.headers['x-hubspot-correlation-id'] };
  }
}
