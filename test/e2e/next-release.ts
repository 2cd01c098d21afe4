import { App } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { configuration } from '../../lib/config';
import { TokenVendingStack } from '../../lib/token-vending-stack';

/** The next release changes every description. The pasted pair must stay. */
const DESCRIPTION = 'Described by the next release.';

const app = new App();
const settings = configuration(app.node.getAllContext());
const stack = new TokenVendingStack(app, settings.stackName, { configuration: settings, description: DESCRIPTION });
for (const construct of stack.node.findAll()) {
  if (construct instanceof CfnSecret) construct.description = DESCRIPTION;
}
