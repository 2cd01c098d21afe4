import { GetAccountCommand } from '@aws-sdk/client-api-gateway';
import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { ENVIRONMENT } from '../../lambda/environment';
import { FISKIL } from '../../lib/config';
import type { Check } from './check';
import { allowedBy, failed, ok } from './finding';

/** The requests at once that the stage accepts by default. A new account can have a concurrency of 10. */
const ENOUGH = 100;

/** Fiskil's region. Data of Australian consumers should stay there. */
const HOME = 'ap-southeast-2';

const concurrency: Check = {
  id: 'concurrency',
  async run({ aws, stack }) {
    const FunctionName = stack.output('VendFunctionName');
    const [{ AccountLimit }, { ReservedConcurrentExecutions }] = await Promise.all([
      allowedBy('lambda:GetAccountSettings', aws.lambda.send(new GetAccountSettingsCommand({}))),
      allowedBy('lambda:GetFunctionConcurrency', aws.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))),
    ]);
    if (ReservedConcurrentExecutions === 0) {
      const todo = 'remove the reserved concurrency in the Lambda console, under Configuration, Concurrency';
      return failed('The function is switched off: its reserved concurrency is 0', todo);
    }
    const limit = AccountLimit?.ConcurrentExecutions ?? 0;
    const most = Math.min(limit, ReservedConcurrentExecutions ?? limit);
    const told = `The function may run ${most} times at once`;
    if (most >= ENOUGH) {
      return ok(told);
    }
    return ok(
      `${told}. Warning: that is below ${ENOUGH}, so many callers at once get 5xx; raise it under Service Quotas, AWS Lambda, Concurrent executions`,
    );
  },
};

const apiLogRole: Check = {
  id: 'api-log-role',
  async run({ aws }) {
    const { cloudwatchRoleArn } = await allowedBy(
      'apigateway:GET on /account',
      aws.apiGateway.send(new GetAccountCommand({})),
    );
    if (cloudwatchRoleArn) {
      return ok(`API Gateway writes its logs as ${cloudwatchRoleArn}`);
    }
    const todo =
      'deploy with fiskil:apiGatewayLogRole=true, or name a role under Settings, Logging in the API Gateway console';
    return failed('API Gateway has no role for writing logs in this account and region', todo);
  },
};

const region: Check = {
  id: 'region',
  async run({ stack }) {
    const { region: here } = stack.place;
    const inUrl = /\.execute-api\.([a-z0-9-]+)\./.exec(stack.tokenApiUrl)?.[1];
    if (inUrl !== here) {
      return failed(`The stack is in ${here}, but its output TokenApiUrl is not`, 'deploy the stack again');
    }
    const { variables } = await stack.vendFunction();
    if (here === HOME || variables[ENVIRONMENT.tokenUrl] !== FISKIL) {
      return ok(`The stack is in ${here}`);
    }
    return ok(`The stack is in ${here}. Warning: Fiskil is in ${HOME}, where CDR data should stay: deploy it there`);
  },
};

export const account = [concurrency, apiLogRole, region];
