import { App } from 'aws-cdk-lib';
import { type Configuration, configuration } from '../lib/config';
import { ConfigurationError } from '../lib/config-values';
import { TokenVendingStack } from '../lib/token-vending-stack';

const app = new App();

function configured(): Configuration {
  try {
    return configuration(app.node.getAllContext());
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

const settings = configured();
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
new TokenVendingStack(app, settings.stackName, {
  configuration: settings,
  ...(account && region ? { env: { account, region } } : {}),
});
