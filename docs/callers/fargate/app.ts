import { App, Stack } from 'aws-cdk-lib';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { TokenVending } from 'fiskil-token-vending';

const stack = new Stack(new App(), 'EndUsersTask');
const vending = TokenVending.fromTokenVendingAttributes(stack, 'Fiskil');
const task = new FargateTaskDefinition(stack, 'Task');

task.addContainer('ListEndUsers', {
  image: ContainerImage.fromRegistry('registry.example.com/list-end-users:1'),
  // A grant to a task sets no variables, so the container sets them.
  environment: { FISKIL_TOKEN_API_URL: vending.url, FISKIL_CREDENTIAL: 'default' },
});
vending.grantVend(task.taskRole, 'default');
