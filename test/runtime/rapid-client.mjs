/** In the place of the client's compiled part. What comes in is read by the client's own JavaScript ("alternative client"). */
import { request } from 'node:http';

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');

function post(id, what, body) {
  const path = `/2018-06-01/runtime/invocation/${id}/${what}`;
  request({ hostname, port, path, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) =>
    response.resume(),
  ).end(body);
}

export const done = (id, body) => post(id, 'response', body);
export const error = (id, body) => post(id, 'error', body);
