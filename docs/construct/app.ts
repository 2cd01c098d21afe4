import { App, Duration, Stack } from 'aws-cdk-lib';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CALLER_ENVIRONMENT, TokenVending } from 'fiskil-token-vending';

const stack = new Stack(new App(), 'Platform');

const vending = new TokenVending(stack, 'Fiskil', {
  credentials: { default: {}, 'sandbox-energy': {} },
  alarmTopic: new Topic(stack, 'OnCall'),
  rotationDue: Duration.days(60),
  alarms: { 'mints-too-many': { threshold: 60 }, 'function-throttles': false },
});

// A task has its own role. `connect` sets variables for Lambda only, so the container names them here.
const nightly = new FargateTaskDefinition(stack, 'Nightly');
vending.grantVend(nightly.taskRole, 'sandbox-energy');
nightly.addContainer('Job', {
  image: ContainerImage.fromRegistry('public.ecr.aws/docker/library/node:24'),
  environment: {
    [CALLER_ENVIRONMENT.tokenApiUrl]: vending.url,
    [CALLER_ENVIRONMENT.credential]: 'sandbox-energy',
  },
});

vending
  .metricMintFailure({ period: Duration.minutes(1) })
  .createAlarm(stack, 'AnyFailure', { threshold: 1, evaluationPeriods: 15 });
