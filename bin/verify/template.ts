import { isDeepStrictEqual } from 'node:util';
import { FoundWrong, failed } from './finding';

/** Where the stack is, from its ARN. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export interface Resource {
  readonly type: string;
  readonly logicalId: string;
  readonly physicalId: string;
}

type Properties = Readonly<Record<string, unknown>>;

/** A deployed template, with the values of its references. */
export class Template {
  constructor(
    private readonly body: unknown,
    private readonly resources: readonly Resource[],
    private readonly place: Place,
  ) {}

  /** The properties of the resources of a type, by logical id. References stay unresolved. */
  ofType(type: string): ReadonlyMap<string, Properties> {
    const { Resources = {} } = (this.body ?? {}) as {
      Resources?: Record<string, { Type?: string; Properties?: Properties }>;
    };
    return new Map(
      Object.entries(Resources)
        .filter(([, { Type }]) => Type === type)
        .map(([id, { Properties = {} }]) => [id, Properties]),
    );
  }

  /** A value with all references resolved. Throws `Found` for a kind of reference that this project does not use. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.resolve(item));
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    const entries = Object.entries(value);
    const [[name, given] = ['', undefined]] = entries;
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
      return this.reference(name, given);
    }
    return Object.fromEntries(entries.map(([key, each]) => [key, this.resolve(each)]));
  }

  private reference(name: string, given: unknown): unknown {
    if (name === 'Ref') {
      return this.pseudo(String(given)) ?? this.physicalId(String(given));
    }
    if (name === 'Fn::Join') {
      const [separator, parts] = this.resolve(given) as [string, string[]];
      return parts.join(separator);
    }
    if (name === 'Fn::GetAtt') {
      const [id = '', attribute] = (Array.isArray(given) ? given : String(given).split('.')) as string[];
      if (attribute === 'Arn') {
        return this.arnOf(id);
      }
    }
    throw new FoundWrong(failed(`The template uses ${name} in a way that this command does not know`, 'report it'));
  }

  private pseudo(name: string): string | undefined {
    const { partition, region, account } = this.place;
    return { 'AWS::Partition': partition, 'AWS::Region': region, 'AWS::AccountId': account }[name];
  }

  private physicalId(id: string): string {
    const found = this.resources.find(({ logicalId }) => logicalId === id);
    if (!found) {
      throw new FoundWrong(
        failed(`The stack does not have the resource ${id} of its template`, 'deploy the stack again'),
      );
    }
    return found.physicalId;
  }

  private arnOf(id: string): string {
    const physicalId = this.physicalId(id);
    const { partition, region, account } = this.place;
    const role = this.ofType('AWS::IAM::Role').get(id);
    if (role) {
      return `arn:${partition}:iam::${account}:role${role.Path ?? '/'}${physicalId}`;
    }
    if (this.ofType('AWS::Logs::LogGroup').has(id)) {
      return `arn:${partition}:logs:${region}:${account}:log-group:${physicalId}:*`;
    }
    throw new FoundWrong(failed(`The template uses an ARN of ${id}, which this command does not know`, 'report it'));
  }
}

/** Whether two policy documents are equal. AWS may store a list of one item as text, and change the order. */
export function isSamePolicy(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(canonical(one), canonical(other));
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(canonical);
    return items.length === 1 ? items[0] : items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, each]) => [key, key === 'Principal' && each === '*' ? { AWS: '*' } : canonical(each)]),
  );
}
