import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a function told Lambda instead of an answer. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export type Told = { readonly answer: unknown } | { readonly error: FunctionError };

/** Lambda's Runtime API (version 2018-06-01) for one execution environment, on 127.0.0.1. */
export interface RuntimeApi {
  /** As `AWS_LAMBDA_RUNTIME_API` has it. */
  readonly address: string;
  /** Resolves when the runtime asks for an invocation, or has told why it cannot. */
  readonly begun: Promise<{ readonly initError?: FunctionError }>;
  /** Hands an event over. Resolves when the runtime has told what came of it, and asks for the next one. */
  invoke(event: unknown, deadline: number): Promise<Told>;
  stop(): Promise<void>;
}

const ROOT = '/2018-06-01/runtime';

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const start = promise<{ initError?: FunctionError }>();
  let asking = promise<ServerResponse>();
  let telling = promise<Told>();

  const server = createServer(async (request, response) => {
    const route = `${request.method} ${request.url?.replace(/\/invocation\/[0-9a-f-]{36}\//, '/invocation/ID/')}`;
    if (route === `GET ${ROOT}/invocation/next`) {
      asking.resolve(response);
      start.resolve({});
      return;
    }
    const body = JSON.parse(await text(request));
    if (route === `POST ${ROOT}/invocation/ID/response`) telling.resolve({ answer: body });
    else if (route === `POST ${ROOT}/invocation/ID/error`) telling.resolve({ error: body });
    else if (route === `POST ${ROOT}/init/error`) start.resolve({ initError: body });
    else throw new Error(`no such call: ${route}`);
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
  });
  // A frozen runtime holds its question open for as long as it takes.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    begun: start.promise,
    invoke: async (event, deadline) => {
      const question = await asking.promise;
      asking = promise();
      telling = promise();
      question.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': randomUUID(),
        'lambda-runtime-deadline-ms': String(deadline),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:111122223333:function:vend',
      });
      question.end(JSON.stringify(event));
      const [told] = await Promise.all([telling.promise, asking.promise]);
      return told;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function promise<T>() {
  let resolve: (value: T) => void = () => {};
  return { promise: new Promise<T>((done) => (resolve = done)), resolve };
}
