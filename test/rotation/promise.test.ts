import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RotationFailure } from '../../lambda/rotation/failure';
import { createRotation } from '../../lambda/rotation/function';
import { promotedText } from '../../lambda/rotation/staged-pair';
import type { Step } from '../../lambda/rotation/steps';
import type { Pair } from '../../lambda/vending/types';
import { CANARIES } from '../support/canaries';
import { Interruptible, type Interruption } from './interruptions';
import { CANARY, LIVE, leaks, NEXT, REFUSED, STEPS, secretText, TestFiskil } from './rotation-world';
import { type EditRule, SecretModel } from './secrets-manager-model';

type Action =
  | { readonly do: 'edit'; readonly text: string }
  /** RotateSecret with this token. */
  | { readonly do: 'begin'; readonly token: string }
  | { readonly do: 'step'; readonly step: Step; readonly token: string; readonly interruption?: Interruption }
  /** What was frozen goes on. */
  | { readonly do: 'thaw' };

const OTHER: Pair = { clientId: `${CANARY}-other-id`, clientSecret: CANARIES.secret };

const TEXTS = [
  secretText(LIVE),
  secretText(LIVE, NEXT),
  secretText(LIVE, NEXT, { note: 'edited' }),
  secretText(LIVE, OTHER),
  secretText(LIVE, LIVE),
  secretText(LIVE, REFUSED),
  secretText(REFUSED, NEXT),
  secretText(LIVE, undefined, { next_client_id: NEXT.clientId }),
  `${CANARY}, pasted as bare text`,
];

const anyText = fc.constantFrom(...TEXTS);
// Most of what can go wrong begins and ends with these two.
const anyStep = fc.constantFrom<Step>(...STEPS, 'createSecret', 'finishSecret', 'finishSecret');
const anyToken = fc.constantFrom('token-1', 'token-2');
const anyInterruption = fc.record<Interruption>({
  at: fc.nat(5),
  how: fc.constantFrom('lost', 'unanswered', 'frozen', 'edited'),
});
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), text: anyText }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('begin' as const), token: anyToken }) },
  {
    weight: 9,
    arbitrary: fc.record(
      {
        do: fc.constant('step' as const),
        step: anyStep,
        token: anyToken,
        interruption: anyInterruption,
      },
      { requiredKeys: ['do', 'step', 'token'] },
    ),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'thaw' as const }) },
);

/** A secret that checks each move of AWSCURRENT, and the invocations that act on it. */
class History {
  private readonly fiskil = new TestFiskil();
  private readonly said: unknown[] = [];
  /** Kept apart: what is thrown inside an invocation is the invocation's failure. */
  private readonly violations: string[] = [];
  private readonly frozen: { door: Interruptible; ended: Promise<unknown> }[] = [];
  readonly secret: SecretModel;

  constructor(
    rule: EditRule,
    private readonly textOfAnEdit: string,
  ) {
    this.secret = new SecretModel(secretText(LIVE, NEXT), rule);
    const promote = this.secret.promote.bind(this.secret);
    this.secret.promote = async (id, version, from) => {
      const before = this.secret.currentText;
      await promote(id, version, from);
      if (this.secret.currentText !== before) {
        this.notePromoted(version, before);
      }
    };
  }

  async act(action: Action): Promise<void> {
    switch (action.do) {
      case 'edit':
        this.secret.edit(action.text);
        break;
      case 'begin':
        this.secret.begin(action.token);
        break;
      case 'step':
        await this.invoke(action.step, action.token, action.interruption);
        break;
      case 'thaw': {
        const thawed = this.frozen.shift();
        thawed?.door.thaw();
        await thawed?.ended;
      }
    }
  }

  /** One invocation. Answers how it ended. */
  async invoke(step: Step, token: string, interruption?: Interruption): Promise<'done' | 'failed' | 'stopped'> {
    const door = new Interruptible(interruption, () => this.secret.edit(this.textOfAnEdit));
    const asked = this.fiskil.asked.length;
    const rotation = createRotation(
      { versions: door.versions(this.secret), minter: door.minter(this.fiskil) },
      { rotation: (line) => this.said.push(line), fault: (error) => this.said.push(error) },
    );
    const ended = rotation({
      Step: step,
      SecretId: 'arn',
      ClientRequestToken: token,
      RotationToken: CANARIES.token,
    }).then(
      () => 'done' as const,
      (error: Error) => {
        expect(error).toBeInstanceOf(RotationFailure);
        this.said.push(error.message, error.stack);
        return 'failed' as const;
      },
    );
    const outcome = await Promise.race([ended, door.stopped.then(() => 'stopped' as const)]);
    if (door.isFrozen) {
      this.frozen.push({ door, ended });
    }
    // One mint attempt for each invocation.
    expect(this.fiskil.asked.length - asked).toBeLessThanOrEqual(1);
    return outcome;
  }

  /** The button, in quiet times. Secrets Manager goes on with a rotation that is not complete. Answers whether all went well. */
  async press(newToken: string): Promise<boolean> {
    const pending = this.secret.labelled('AWSPENDING');
    const token = pending === undefined || pending === this.secret.labelled('AWSCURRENT') ? newToken : pending;
    this.secret.begin(token);
    for (const step of STEPS) {
      if ((await this.invoke(step, token)) !== 'done') {
        return false;
      }
    }
    return true;
  }

  check(): void {
    expect(this.violations).toEqual([]);
    expect(leaks(JSON.stringify(this.said))).toEqual([]);
  }

  /** AWSCURRENT came to a version by a rotation: it has a value, its pair was tested, and no edit is undone by it. */
  private notePromoted(version: string, before: string | undefined): void {
    const text = this.secret.text(version);
    const { client_id: id } = JSON.parse(text ?? '{}');
    const wasTested = this.fiskil.asked.some(({ clientId }) => clientId === id);
    if (!wasTested || id === REFUSED.clientId) {
      this.violations.push(`${version} became current without a test that it passed`);
    }
    if (text !== promotedText(before)) {
      this.violations.push(`${version} became current though something else stood staged`);
    }
  }
}

test('in any order, repeated, killed, frozen or edited at any call: only what is staged and tested becomes current', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<EditRule>('takes AWSPENDING', 'leaves AWSPENDING'),
      anyText,
      fc.array(anyAction, { maxLength: 14 }),
      async (rule, textOfAnEdit, actions) => {
        const history = new History(rule, textOfAnEdit);
        history.secret.begin('token-1');
        for (const action of actions) {
          await history.act(action);
        }
        history.check();
        // However that ended: a good pair that is staged now is live after at most two presses.
        history.secret.edit(secretText(LIVE, NEXT));
        expect((await history.press('fresh-1')) || (await history.press('fresh-2'))).toBe(true);
        expect(history.secret.currentText).toBe(secretText(NEXT));
      },
    ),
    { numRuns: 400 },
  );
});

test('a step repeated after its success is success again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { maxLength: 8 }), async (steps) => {
      const history = new History('takes AWSPENDING', secretText(LIVE));
      history.secret.begin('token-1');
      for (const step of steps) {
        if ((await history.invoke(step, 'token-1')) === 'done') {
          expect(await history.invoke(step, 'token-1')).toBe('done');
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('a rotation that is killed at any call is finished by its repetition', async () => {
  for (const killed of STEPS) {
    for (const how of ['lost', 'unanswered'] as const) {
      for (let at = 0; at < 6; at++) {
        const history = new History('takes AWSPENDING', secretText(LIVE));
        history.secret.begin('token-1');
        for (const step of STEPS) {
          if (step === killed) {
            await history.invoke(step, 'token-1', { at, how });
          }
          expect(await history.invoke(step, 'token-1')).toBe('done');
        }
        expect(history.secret.currentText).toBe(secretText(NEXT));
      }
    }
  }
});
