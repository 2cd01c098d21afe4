import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { node24Program, runFolder, runtimeClientProgram } from '../support/toolbox';
import { type FunctionError, type RuntimeApi, startRuntimeApi, type Told } from './runtime-api';

/** What `inside.mjs` says of the process. */
export interface Inside {
  /** Bytes in use after a garbage collection. */
  readonly heap: number;
  /** Open files, sockets among them. */
  readonly files: number;
  /** Node's names of what keeps it busy: `TCPSocketWrap`, `Timeout` and so on. */
  readonly resources: readonly string[];
}

/** Epoch milliseconds from which a function has this long. */
const TIMEOUT = 25_000;

/**
 * A Lambda execution environment: the bundle in Node 24, loaded and called by AWS's own runtime client, in a process that is
 * stopped (SIGSTOP) whenever it has nothing to do.
 */
export class ExecutionEnvironment {
  private readonly ended: Promise<unknown>;
  private logged = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly api: RuntimeApi,
    private readonly clock: number,
    private readonly log: string,
  ) {
    this.ended = once(child, 'exit');
  }

  /** Starts the process. @param task the folder with `index.mjs` @param variables the function's own @param flags for Node */
  static async start(
    task: string,
    variables: Readonly<Record<string, string>>,
    flags: readonly string[] = [],
  ): Promise<ExecutionEnvironment> {
    const folder = mkdtempSync(join(runFolder('runtime'), 'environment-'));
    const api = await startRuntimeApi();
    const clock = openSync(join(folder, 'clock'), 'w');
    const log = openSync(join(folder, 'log'), 'w');
    const inside = join(__dirname, 'inside.mjs');
    const child = spawn(node24Program(), ['--expose-gc', ...flags, '--import', inside, runtimeClientProgram()], {
      // What the machine's own environment holds stays out, AWS credentials least of all.
      env: {
        AWS_LAMBDA_RUNTIME_API: api.address,
        AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true',
        _HANDLER: 'index.handler',
        LAMBDA_TASK_ROOT: task,
        TEST_CLOCK: join(folder, 'clock'),
        ...variables,
      },
      cwd: folder,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    const environment = new ExecutionEnvironment(child, api, clock, join(folder, 'log'));
    environment.shiftClock(0);
    return environment;
  }

  /** Initialised and frozen; or what went wrong, once the process has ended. */
  async begun(): Promise<{ readonly initError?: FunctionError }> {
    const begun = await this.api.begun;
    if (begun.initError) await this.ended;
    else this.freeze();
    return begun;
  }

  /** Sets the clock this many milliseconds off the machine's. */
  shiftClock(ms: number): void {
    // Always as long, and in one write: whoever reads meanwhile sees the old one or the new.
    writeSync(this.clock, String(ms).padEnd(32), 0, 'latin1');
  }

  /** Thaws it, runs one invocation, and freezes it again. */
  async invoke(event: unknown, now: number): Promise<Told | 'killed'> {
    this.logged = statSync(this.log).size;
    this.thaw();
    const told = await Promise.race([this.api.invoke(event, now + TIMEOUT), this.ended.then((): 'killed' => 'killed')]);
    this.freeze();
    return told;
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** As Lambda ends an environment whose function did not answer in time. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** All that it wrote. */
  get output(): string {
    return readFileSync(this.log, 'utf8');
  }

  /** What it wrote since its last invocation began. */
  get lastOutput(): string {
    const log = openSync(this.log, 'r');
    const text = Buffer.alloc(statSync(this.log).size - this.logged);
    readSync(log, text, 0, text.length, this.logged);
    closeSync(log);
    return text.toString();
  }

  async inside(): Promise<Inside> {
    this.thaw();
    const [said] = await Promise.all([once(this.child, 'message'), this.child.send('how are you?')]);
    this.freeze();
    return said[0] as Inside;
  }

  async stop(): Promise<void> {
    await this.kill();
    closeSync(this.clock);
    await this.api.stop();
  }
}
