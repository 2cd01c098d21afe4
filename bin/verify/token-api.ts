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

/** Milliseconds: one more than API Gateway's own 29 s, so that its answer is heard. */
const PATIENCE = 30_000;

/** How a request is signed, where it is not as it should be. */
export interface Signing {
  readonly credentials?: AwsCredentials;
  /** Milliseconds: how old the signature says that it is. */
  readonly age?: number;
}

export interface TokenApiDependencies {
  readonly settings: Settings;
  /** As whom the API is called. */
  readonly sts: () => Promise<STSClient>;
  /** Whether the deployed API answers inside its VPC only. */
  readonly isPrivate: () => Promise<boolean>;
}

/** The deployed token API. Nothing is repeated: a check wants to see what the first call gets. */
export class TokenApi {
  /** The one token that the checks share. Throws what the API said. */
  readonly vend = once(() => this.ask(`tokens/${this.dependencies.settings.credential}`));
  /** The ARN that the requests are signed as. No permission is needed to ask for it. */
  readonly callerArn = once(async () => {
    const sts = await this.dependencies.sts();
    return (await sts.send(new GetCallerIdentityCommand({}))).Arn ?? '';
  });
  /** The answer to a request without a signature, which everybody may see. */
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

  /** A vend, checked. Throws `TokenVendingError` with what the API said. */
  async ask(path: string): Promise<Vend> {
    return this.checked(await this.get(path), 'GET');
  }

  /** A rejection of a token, and so a request for another one. */
  async reject(tokenSha256: string): Promise<Vend> {
    const body = JSON.stringify({ token_sha256: tokenSha256 });
    return this.checked(await this.call('POST', `tokens/${this.credential}/rejections`, {}, body), 'POST');
  }

  /** A signed GET. @param path below the base URL */
  get(path: string, signing: Signing = {}): Promise<HttpAnswer> {
    return this.call('GET', path, signing);
  }

  /** A GET of a URL that carries its signature. */
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

  /** An answer of our own shape comes from our API, so this machine reaches it. */
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
