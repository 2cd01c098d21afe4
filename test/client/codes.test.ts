import { expect, test } from '@jest/globals';
import type { GatewayErrorCode, ServiceErrorCode } from '../../client';
import type { ErrorCode } from '../../lambda/vending/errors';
import type { GatewayCode } from '../../lib/gateway-answers';

type Same<A, B> = [A, B] extends [B, A] ? true : false;

test('the client knows the codes of the service and of the gateway, and no others', () => {
  // `npm run types` checks this: if one side has another code, the type is `false`.
  const service: Same<ServiceErrorCode, ErrorCode> = true;
  const gateway: Same<GatewayErrorCode, GatewayCode> = true;
  expect([service, gateway]).toEqual([true, true]);
});
