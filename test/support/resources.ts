import type { Template } from 'aws-cdk-lib/assertions';
import { ENVIRONMENT } from '../../lambda/environment';

/** A resource of a template, with its logical id. */
export type Resource = ReturnType<Template['findResources']>[string] & { readonly id: string };

// A test finds a resource by its type and by what it is for, not by its logical id. So a construct can be renamed, and only
// test/lib/frozen.test.ts says which names must stay.

export const resources = (template: Template, type: string): Resource[] =>
  Object.entries(template.findResources(type)).map(([id, each]) => ({ ...each, id }));

/** The one resource of a type, or the one of them of which `isMeant` is true. */
export function theOnly(template: Template, type: string, isMeant: (each: Resource) => boolean = () => true): Resource {
  const found = resources(template, type).filter(isMeant);
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} resources of type ${type}`);
  return first;
}

/** Only the vending function is told the table. */
const isToldTheTable = ({ Properties }: Resource) => ENVIRONMENT.tableName in Properties.Environment.Variables;

export const vendFunction = (template: Template) => theOnly(template, 'AWS::Lambda::Function', isToldTheTable);

export const rotationFunction = (template: Template) =>
  theOnly(template, 'AWS::Lambda::Function', (each) => !isToldTheTable(each));

/** The logical id of a function's role. */
export const roleIdOf = (lambda: Resource): string => lambda.Properties.Role['Fn::GetAtt'][0];

/** Whether a policy is attached to a function's role. */
export const isPolicyOf =
  (lambda: Resource) =>
  ({ Properties }: Resource): boolean =>
    (Properties.Roles ?? []).some(({ Ref }: { Ref?: string }) => Ref === roleIdOf(lambda));

export const policyOf = (template: Template, lambda: Resource) =>
  theOnly(template, 'AWS::IAM::Policy', isPolicyOf(lambda));

/** The logical id of the log group that a function writes to. */
export const logsOf = (lambda: Resource): string => lambda.Properties.LoggingConfig.LogGroup.Ref;
