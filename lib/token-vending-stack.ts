import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Configuration } from './config';
import { configuredProps } from './configured-props';
import { pascalCase } from './credentials';
import { checkFor, givenBy, sayWhere } from './target';
import { TokenVending } from './token-vending';

export interface TokenVendingStackProps extends StackProps {
  /** What cdk.json's context says. */
  readonly configuration: Configuration;
}

/**
 * In a template: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html. With 99 credentials and more,
 * the policies of the last ones have no output; the stack's resources show them.
 */
const MOST_OUTPUTS = 200;

/** The stack that `npm run deploy` deploys: the construct, and the outputs that people and scripts look up by name. */
export class TokenVendingStack extends Stack {
  readonly vending: TokenVending;

  constructor(scope: Construct, id: string, { configuration, ...props }: TokenVendingStackProps) {
    super(scope, id, {
      description: 'Gives short-lived Fiskil tokens to workloads and keeps the Fiskil key pair in Secrets Manager.',
      ...props,
    });
    checkFor(this, givenBy(configuration, 'fiskil:'), 'fiskil:');
    sayWhere(this, configuration.tokenUrl);
    const given = new Construct(this, 'Given');
    this.vending = new TokenVending(this, 'TokenVending', configuredProps(configuration, given));

    this.output('TokenApiUrl', this.vending.url, 'The base URL of the API that gives Fiskil tokens.');
    this.output('TokenTableName', this.vending.table.tableName, 'The DynamoDB table that holds the current tokens.');
    this.output(
      'VendFunctionName',
      this.vending.function.functionName,
      'The function that answers calls and refreshes tokens. Its log has an audit line for each token given.',
    );
    if (this.vending.rotationFunction) {
      const { functionName } = this.vending.rotationFunction;
      this.output('RotationFunctionName', functionName, 'The function that "Rotate secret immediately" runs.');
    }
    for (const [credential, secretName] of Object.entries(this.vending.secretNames)) {
      const name = `SecretName${pascalCase(credential)}`;
      this.output(name, secretName, `The secret into which you paste the key pair of the credential ${credential}.`);
    }
    const room = MOST_OUTPUTS - this.node.children.filter((each) => each instanceof CfnOutput).length;
    for (const [credential, policy] of Object.entries(this.vending.vendPolicies).slice(0, room)) {
      const name = `VendPolicyArn${pascalCase(credential)}`;
      this.output(
        name,
        policy.managedPolicyArn,
        `The managed policy to attach to roles that call for tokens of the credential ${credential}.`,
      );
    }
    Annotations.of(this).addInfoV2(
      'fiskil:names-of-secrets',
      'A changed fiskil:prefix or credential name makes a new, empty secret; the old one is kept with its pair.',
    );
  }

  private output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}
