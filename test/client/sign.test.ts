import { describe, expect, it } from '@jest/globals';
import aws4 from 'aws4';
import fc from 'fast-check';
import { type Scope, sign, type UnsignedRequest } from '../../client/sign';
import { EXAMPLE_DATE as date, EXAMPLE_KEYS, type Signable, signableRequests } from './signable-requests';

describe('known answers', () => {
  it('the worked example of AWS’s SigV4 documentation (IAM ListUsers)', async () => {
    const headers = await sign(
      {
        method: 'GET',
        url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'),
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      },
      { credentials: EXAMPLE_KEYS, region: 'us-east-1', service: 'iam', date },
    );
    expect(headers.authorization).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });

  it.each([
    ['get-vanilla', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ])('AWS’s test suite: %s', async (_, path, signature) => {
    const url = new URL(path, 'https://example.amazonaws.com');
    const scope = { credentials: EXAMPLE_KEYS, region: 'us-east-1', service: 'service', date };
    const headers = await sign({ method: 'GET', url, headers: {} }, scope);
    expect(headers.authorization).toMatch(new RegExp(`Signature=${signature}$`));
  });
});

describe('any request', () => {
  it('gets the same signature from aws4', async () => {
    await fc.assert(
      fc.asyncProperty(signableRequests.filter(isSignedRightByAws4), async ({ request, scope }) => {
        expect(await sign(request, scope)).toEqual(byAws4(request, scope));
      }),
      { numRuns: 500 },
    );
  });
});

/**
 * aws4 omits a parameter without a name, and reads a bare plus sign in a query as a space, both in the text that it signs and in the request.
 * By SigV4's documentation every parameter is signed, and a space is %20, never a plus sign.
 * Botocore (sign.python.test.ts) agrees.
 */
function isSignedRightByAws4({ request: { url }, query }: Signable): boolean {
  return query.every(([name]) => name !== '') && !url.search.includes('+');
}

function byAws4({ method, url, headers, body }: UnsignedRequest, scope: Scope): Record<string, unknown> {
  const { credentials, region, service, date } = scope;
  const signed = aws4.sign(
    {
      method,
      host: url.host,
      path: url.pathname + url.search,
      headers: { ...headers, 'X-Amz-Date': date.toISOString().replace(/[-:]|\.\d{3}/g, '') },
      ...(body !== undefined && { body: Buffer.from(body) }),
      region,
      service,
    },
    { ...EXAMPLE_KEYS, ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }) },
  );
  const { host: _sentByTheTransport, ...rest } = Object.fromEntries(
    Object.entries(signed.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return rest;
}
