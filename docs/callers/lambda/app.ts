import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { TokenVending } from 'fiskil-token-vending';

const stack = new Stack(new App(), 'EndUsers');
const listEndUsers = new NodejsFunction(stack, 'ListEndUsers', {
  entry: join(__dirname, 'list-end-users.ts'),
  runtime: Runtime.NODEJS_24_X,
  // A token can take 30 s while Fiskil is slow. The function also needs time for its own call to Fiskil.
  timeout: Duration.seconds(60),
});

// Finds the other stack by its SSM parameter, /fiskil/token-api-url.
const vending = TokenVending.fromTokenVendingAttributes(stack, 'Fiskil');
vending.connect(listEndUsers, 'default');
