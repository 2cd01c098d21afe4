import { Sha256 } from '@aws-crypto/sha256-js';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentials } from '../../client/credentials';
import { TokenVendingError } from '../../client/errors';
import type { Settings } from '../../client/options';
import { refusal } from '../../client/refusal';
import { sign } from '../../client/sign';
import { readProblem, readVend, type Vend } from '../../client/token-api-answer';
import type { HttpAnswer } from '../../client/transport';
import { FoundWrong, needing, once } from './finding';

/** Milliseconds: 1 s more than API Gateway's own 29 s, so that its answer arrives. */
const PATIENCE = 30_000;

/** A wrong way to sign a request, for a check. */
export interface Signing {
  readonly credentials?: AwsCredentials;
  /** Milliseconds: the age that the signature states. */
  readonly age?: number;
}

export interface TokenApiDependencies {
  readonly settings: Settings;
  /** As whom the API is called. */
  readonly sts: () => Promise<STSClient>;
  /** Whether the deployed API answers inside its VPC only. */
  readonly isPrivate: () => Promise<boolean>;
}

/** The deployed token API. It repeats nothing, because a check needs the result of the first call. */
export class TokenApi {
  /** The one token that the checks share. Throws the API's error. */
  readonly vend = once(() => this.ask(`tokens/${this.dependencies.settings.credential}`));
  /** The ARN of the caller that signs the requests. Reading it needs no permission. */
  readonly callerArn = once(async () => {
    const sts = await this.dependencies.sts();
    return (await sts.send(new GetCallerIdentityCommand({}))).Arn ?? '';
  });
  /** The answer to a request without a signature. */
  readonly unsigned = once(() => this.send('GET', this.url(`tokens/${this.dependencies.settings.credential}`), {}));
  private readonly outside = once(() => this.isOutside());

  constructor(private readonly dependencies: TokenApiDependencies) {}

  get credential(): string {
    return this.dependencies.settings.credential;
  }

  signsWith(): Promise<AwsCredentials> {
    return this.dependencies.settings.credentials();
  }

  /** Whether the API is a private one, and this machine is not in its VPC. */
  isOutOfReach(): Promise<boolean> {
    return this.outside();
  }

  /** A checked vend. Throws `TokenVendingError` with the API's error. */
  async ask(path: string): Promise<Vend> {
    return this.checked(await this.get(path), 'GET');
  }

  /** Rejects a token to get another one. */
  async reject(tokenSha256: string): Promise<Vend> {
    const body = JSON.stringify({ token_sha256: tokenSha256 });
    return this.checked(await this.call('POST', `tokens/${this.credential}/rejections`, {}, body), 'POST');
  }

  /** A signed GET. @param path below the base URL */
  get(path: string, signing: Signing = {}): Promise<HttpAnswer> {
    return this.call('GET', path, signing);
  }

  /** A GET of a presigned URL. */
  async presigned(path: string): Promise<Vend> {
    await this.insideOnly();
    const { region } = this.dependencies.settings;
    const url = this.url(path);
    const signer = new SignatureV4({
      service: 'execute-api',
      region,
      credentials: plain(await this.dependencies.settings.credentials()),
      sha256: Sha256,
      applyChecksum: false,
    });
    const { protocol, hostname, host, pathname } = url;
    const request = new HttpRequest({ method: 'GET', protocol, hostname, path: pathname, headers: { host } });
    const { query = {} } = await signer.presign(request, { expiresIn: 60, signingDate: this.now() });
    for (const [name, value] of Object.entries(query)) {
      url.searchParams.set(name, String(value));
    }
    return this.checked(await this.send('GET', url, {}), 'GET');
  }

  private async call(method: 'GET' | 'POST', path: string, signing: Signing, body?: string): Promise<HttpAnswer> {
    await this.insideOnly();
    const url = this.url(path);
    const { region } = this.dependencies.settings;
    const credentials = signing.credentials ?? (await this.dependencies.settings.credentials());
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = await sign(
      { method, url, body, headers: type },
      { service: 'execute-api', region, credentials, date: this.now(signing.age) },
    );
    return this.send(method, url, headers, body);
  }

  private async send(method: 'GET' | 'POST', url: URL, headers: Readonly<Record<string, string>>, body?: string) {
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      return await this.dependencies.settings.transport({ method, url, headers, body, signal });
    } catch (error) {
      if (!signal.aborted) {
        throw error;
      }
      throw new TokenVendingError('timeout', `no answer from the token API at ${url.origin} in time.`);
    }
  }

  private checked(answer: HttpAnswer, method: 'GET' | 'POST'): Vend {
    const { settings } = this.dependencies;
    const now = { wall: settings.clock.now(), monotonic: settings.clock.monotonic() };
    if (answer.status !== 200) {
      throw refusal(answer, settings, method, now);
    }
    return readVend(answer, settings.credential, now);
  }

  private async insideOnly(): Promise<void> {
    if (await this.outside()) {
      throw new FoundWrong(needing("a shell inside the API's VPC: the API is private"));
    }
  }

  /** An answer in our format comes from our API, so this machine reaches it. */
  private async isOutside(): Promise<boolean> {
    const reached = await this.unsigned().then(
      (answer) => readProblem(answer).code !== undefined,
      () => false,
    );
    return !reached && (await this.dependencies.isPrivate());
  }

  private url(path: string): URL {
    return new URL(path, this.dependencies.settings.base);
  }

  private now(age = 0): Date {
    return new Date(this.dependencies.settings.clock.now() - age);
  }
}

function plain({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
