import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { TokenVending } from 'fiskil-token-vending';

const stack = new Stack(new App(), 'EndUsers');
const listEndUsers = new NodejsFunction(stack, 'ListEndUsers', {
  entry: join(__dirname, 'list-end-users.ts'),
  runtime: Runtime.NODEJS_24_X,
  // While Fiskil is slow, a token can take 30 s; and then there is still the call for which it was wanted.
  timeout: Duration.seconds(60),
});

// Finds the other stack by its SSM parameter, /fiskil/token-api-url.
const vending = TokenVending.fromTokenVendingAttributes(stack, 'Fiskil');
vending.connect(listEndUsers, 'default');
