import { App } from 'aws-cdk-lib';
import { configuration } from '../lib/config';
import { ConfigurationError } from '../lib/config-values';
import { TokenVendingStack } from '../lib/token-vending-stack';

const app = new App();
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;

try {
  const settings = configuration(app.node.getAllContext());
  new TokenVendingStack(app, settings.stackName, {
    configuration: settings,
    ...(account && region ? { env: { account, region } } : {}),
  });
} catch (error) {
  if (!(error instanceof ConfigurationError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
