/** Somebody's app: one stack that has a topic of its own and two of the constructs, and a second stack with one more. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { TokenVending } from 'fiskil-token-vending';

const app = new App();
const given = {
  tokenUrl: app.node.getContext('tokenUrl'),
  credentials: { javascript: {}, python: {} },
  // The emulator knows no rotation schedules and rolls back.
  rotation: false,
};

const platform = new Stack(app, 'Platform');
const alarmTopic = new Topic(platform, 'OnCall');
const vendings = [
  new TokenVending(platform, 'Banking', { ...given, prefix: 'banking', alarmTopic }),
  new TokenVending(platform, 'Energy', { ...given, prefix: 'energy', alarms: { 'no-token': false } }),
  new TokenVending(new Stack(app, 'Neighbour'), 'Tokens', { ...given, prefix: 'tokens' }),
];
for (const vending of vendings) {
  const { id } = vending.node;
  new CfnOutput(vending, 'Url', { value: vending.url }).overrideLogicalId(`${id}Url`);
  new CfnOutput(vending, 'Name', { value: vending.api.restApiName }).overrideLogicalId(`${id}ApiName`);
}
