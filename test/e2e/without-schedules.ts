import { App } from 'aws-cdk-lib';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { configuration } from '../../lib/config';
import { TokenVendingStack } from '../../lib/token-vending-stack';

/** The app with the rotation function and all it may do, but without the one resource that the emulator does not know. */
const app = new App();
const settings = configuration(app.node.getAllContext());
const stack = new TokenVendingStack(app, settings.stackName, { configuration: settings });
for (const { node } of stack.node.findAll().filter((construct) => construct instanceof CfnRotationSchedule)) {
  node.scope?.node.tryRemoveChild(node.id);
}
