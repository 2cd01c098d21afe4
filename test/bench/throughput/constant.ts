/** The same HTTP server as the local front's, answering a constant to everybody. Argument: the port. */
import { createServer } from 'node:http';

const body = JSON.stringify({
  token: 'x'.repeat(600),
  token_type: 'Bearer',
  expires_in: 900,
  expires_at: '2026-11-25T07:14:00Z',
  client_id: 'bench',
  credential: 'default',
});
const headers = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  Pragma: 'no-cache',
  'x-amzn-RequestId': '00000000-0000-0000-0000-000000000000',
  'Content-Length': Buffer.byteLength(body),
};
createServer((_request, response) => response.writeHead(200, headers).end(body)).listen(
  Number(process.argv[2]),
  '127.0.0.1',
);
