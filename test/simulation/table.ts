import { MemoryStore } from '../../lambda/record/memory-store';
import { StoreThrottled, StoreUnreachable } from '../../lambda/record/store-errors';
import type { Failure, LeaseClaim, Mark, RecordStore, Token, VendingRecord, Written } from '../../lambda/record/types';
import type { Asked, Environment, World } from './environment';

/** What an environment asks the table to do. */
export type Operation =
  | { readonly name: 'read' }
  | { readonly name: 'acquire'; readonly claim: LeaseClaim; readonly asked: readonly Asked[] }
  | { readonly name: 'publish'; readonly leaseId: string; readonly token: Token }
  | { readonly name: 'create'; readonly token: Token }
  | { readonly name: 'release'; readonly leaseId: string; readonly failure: Failure | undefined }
  | { readonly name: 'mark'; readonly tokenId: string; readonly mark: Mark };

export interface Request<O extends Operation = Operation> {
  readonly environment: Environment;
  readonly credential: string;
  /** True epoch milliseconds. */
  readonly sentAt: number;
  readonly operation: O;
}

type Answered = VendingRecord | undefined;

/** Told what happens at the table, at the instant at which it happens. */
export interface TableWatch {
  applied(request: Request, before: VendingRecord | undefined, after: VendingRecord | undefined): void;
  deleted(credential: string, record: VendingRecord): void;
  /** A record reached an environment. */
  learnt(environment: Environment, credential: string, record: VendingRecord | undefined): void;
}

const FAULTS_OF_REQUESTS = ['store_unreachable', 'store_throttled', 'store_slow'] as const;
const FAULTS_OF_WRITES = ['store_answer_lost', 'store_late', 'store_repeated', 'store_echo'] as const;

/** What one call costs at most, and one of its two attempts (lambda/aws/timeouts.ts). */
const CALL_TIMEOUT = 2_000;
const ATTEMPT_TIMEOUT = 900;

/** DynamoDB: the conditions of `MemoryStore`, which a contract suite holds to DynamoDB Local, behind a network. */
export class Table {
  readonly records = new MemoryStore();
  private readonly store: RecordStore;

  constructor(
    private readonly world: World,
    private readonly watch: TableWatch,
    /** A deliberate break of the conditions. */
    breaking: (records: MemoryStore) => RecordStore = (records) => records,
  ) {
    this.store = breaking(this.records);
  }

  /** The table as one environment reaches it. */
  doorOf(environment: Environment): RecordStore {
    const send = <T>(
      credential: string,
      operation: Operation,
      run: () => Promise<T>,
      recordOf: (result: T) => Answered,
    ) => this.exchange({ environment, credential, operation, sentAt: this.world.scheduler.now }, run, recordOf);
    const write = (credential: string, operation: Operation, run: () => Promise<Written>) =>
      send(credential, operation, run, ({ record }) => record);
    const { store } = this;
    return {
      read: (credential) =>
        send(
          credential,
          { name: 'read' },
          () => store.read(credential),
          (record) => record,
        ),
      acquire: (credential, claim) => {
        const operation = { name: 'acquire', claim, asked: [...environment.active] } as const;
        return write(credential, operation, () => store.acquire(credential, claim));
      },
      publish: (credential, leaseId, token) =>
        write(credential, { name: 'publish', leaseId, token }, () => store.publish(credential, leaseId, token)),
      create: (credential, token) =>
        write(credential, { name: 'create', token }, () => store.create(credential, token)),
      release: (credential, leaseId, failure) =>
        write(credential, { name: 'release', leaseId, failure }, () => store.release(credential, leaseId, failure)),
      mark: (credential, tokenId, mark) =>
        write(credential, { name: 'mark', tokenId, mark }, () => store.mark(credential, tokenId, mark)),
    };
  }

  /** TTL deletion may come at any instant after the one that the token's expiry names. */
  maybeDelete(credential: string): void {
    const record = this.records.peek(credential);
    const isExpired = record?.token && record.token.expiresAt * 1_000 < this.world.scheduler.now;
    if (isExpired && this.world.faults.strikes('ttl_deletion')) {
      this.records.put(credential, undefined);
      this.world.tell?.(() => `TTL deletes ${credential}`);
      this.watch.deleted(credential, record);
    }
  }

  private exchange<T>(request: Request, run: () => Promise<T>, recordOf: (result: T) => Answered): Promise<T> {
    const { environment, operation } = request;
    const { scheduler, random, faults } = this.world;
    let result: Promise<T> | undefined;
    const apply = () => {
      result = this.apply(request, run);
    };
    const fault =
      faults.oneOf(FAULTS_OF_REQUESTS) ?? (operation.name === 'read' ? undefined : faults.oneOf(FAULTS_OF_WRITES));
    if (fault) {
      environment.disturb();
      environment.lateAt = scheduler.now;
      this.world.tell?.(() => `${environment.name} ${operation.name}: ${fault}`);
    }
    return new Promise<T>((resolve, reject) => {
      const throttled = () => {
        environment.tableFailedAt = scheduler.now;
        reject(new StoreThrottled('the table is asked too often'));
      };
      const unreachable = () => {
        environment.disturb();
        environment.tableFailedAt = scheduler.now;
        environment.tableGoneAt = scheduler.now;
        reject(new StoreUnreachable('TimeoutError'));
      };
      const answer = async () => {
        // The request was applied before its answer came, or there would be none.
        const applied = (await result) as T;
        this.watch.learnt(environment, request.credential, recordOf(applied));
        resolve(applied);
      };
      let there = random.whole(1, 5);
      let back = random.whole(1, 5);
      switch (fault) {
        case 'store_throttled':
          environment.in(there + back + 50, throttled, unreachable);
          return;
        case 'store_unreachable':
          environment.in(random.pick([3, CALL_TIMEOUT]), unreachable);
          return;
        case 'store_answer_lost':
          scheduler.in(there, apply);
          environment.in(CALL_TIMEOUT, unreachable);
          return;
        case 'store_late':
          scheduler.in(CALL_TIMEOUT + random.whole(0, 15_000), apply);
          environment.in(CALL_TIMEOUT, unreachable);
          return;
        case 'store_repeated':
          scheduler.in(there, apply);
          there += ATTEMPT_TIMEOUT;
          break;
        case 'store_echo':
          scheduler.in(there + back + random.whole(1, 10_000), apply);
          break;
        case 'store_slow':
          // The first attempt may be lost on its way, and the second as slow.
          there = random.pick([0, ATTEMPT_TIMEOUT]) + random.whole(5, 850);
          back = random.whole(5, 40);
          break;
      }
      scheduler.in(there, apply);
      environment.in(there + back, answer, unreachable);
    });
  }

  private apply<T>(request: Request, run: () => Promise<T>): Promise<T> {
    const { credential, environment, operation } = request;
    this.maybeDelete(credential);
    const before = this.records.peek(credential);
    const result = run();
    const after = this.records.peek(credential);
    if (operation.name !== 'read') {
      this.world.tell?.(() => {
        const took = after === before ? 'refused' : 'done';
        return `${environment.name} ${operation.name} ${took}: ${JSON.stringify(after)}`;
      });
      this.watch.applied(request, before, after);
    }
    return result;
  }
}
