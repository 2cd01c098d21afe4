import { beforeEach, describe, expect, test } from '@jest/globals';
import { RotationAbandoned, ValueNotShown } from '../../lambda/rotation/failure';
import { mintFailure } from '../../lambda/vending/errors';
import { everythingOf } from '../support/canaries';
import { CANARY, LIVE, leaks, NEXT, REFUSED, RotationWorld, STEPS, secretText } from './rotation-world';
import { SecretModel } from './secrets-manager-model';

let world: RotationWorld;
beforeEach(() => {
  world = new RotationWorld();
  world.secret.begin('token');
});

const pending = () => world.secret.text('token');

test('the four steps make the staged pair the live one, drop its rows and keep all others', async () => {
  world.secret.edit(secretText(LIVE, NEXT, { note: 'ours', limit: 3 }));
  await world.rotate();
  expect(world.secret.labelled('AWSCURRENT')).toBe('token');
  expect(JSON.parse(world.secret.currentText ?? '')).toEqual({
    client_id: NEXT.clientId,
    client_secret: NEXT.clientSecret,
    note: 'ours',
    limit: 3,
  });
  expect(world.lines.map(({ step, outcome }) => [step, outcome])).toEqual(STEPS.map((step) => [step, 'done']));
});

test.each(['create_secret', 'set_secret', 'test_secret', 'finish_secret'])(
  'the spelling %s does the same',
  async (step) => {
    await world.invoke('createSecret');
    await world.invoke(step);
    expect(world.lines[1]).toMatchObject({ outcome: 'done', step: step.replace(/_s/, 'S') });
  },
);

describe('createSecret', () => {
  test('fills the pending version and moves nothing', async () => {
    await world.invoke('createSecret');
    expect(pending()).toBe(secretText(NEXT));
    expect(world.secret.labelled('AWSCURRENT')).toBe('edit-1');
    expect(world.fiskil.asked).toEqual([]);
  });

  test('finds its work done', async () => {
    await world.invoke('createSecret');
    await world.invoke('createSecret');
    expect(pending()).toBe(secretText(NEXT));
    expect(world.lines[1]?.detail).toMatch(/^nothing: the staged pair is the pending version already/);
  });

  test('after another pair was staged, ends the rotation whose version holds the earlier one', async () => {
    world = new RotationWorld(new SecretModel(secretText(LIVE, NEXT), 'leaves AWSPENDING'));
    world.secret.begin('token');
    await world.invoke('createSecret');
    world.secret.edit(secretText(LIVE, REFUSED));
    expect(await world.fail('createSecret')).toBeInstanceOf(RotationAbandoned);
    expect(world.secret.labelled('AWSPENDING')).toBeUndefined();
  });
});

test('createSecret is only put off by a read that does not show the current value yet', async () => {
  const read = world.secret.read.bind(world.secret);
  world.secret.read = async () => undefined;
  expect(await world.fail('createSecret')).toBeInstanceOf(ValueNotShown);
  world.secret.read = read;
  await world.invoke('createSecret');
  expect(pending()).toBe(secretText(NEXT));
});

test('setSecret says that there is nothing to do', async () => {
  await world.invoke('setSecret');
  expect(world.lines).toMatchObject([
    { step: 'setSecret', outcome: 'done', detail: expect.stringMatching(/^nothing: /) },
  ]);
});

describe('testSecret', () => {
  test('mints once with the pending pair, logs the names of the scopes, and drops the token', async () => {
    await world.invoke('createSecret');
    await world.invoke('testSecret');
    expect(world.fiskil.asked).toEqual([NEXT]);
    expect(world.lines[1]).toMatchObject({ outcome: 'done', scopes: ['end_users:read', 'institutions:read'] });
    expect(leaks(JSON.stringify(world.lines))).toEqual([]);
  });

  test('of a pair that Fiskil refuses fails for good: AWSPENDING is off, the live pair is live', async () => {
    world.secret.edit(secretText(LIVE, REFUSED));
    world.secret.begin('token');
    await world.invoke('createSecret');
    expect((await world.fail('testSecret')).message).toMatch(
      /^Fiskil refused the staged pair: .* The live pair is unchanged\.$/,
    );
    expect(world.secret.labelled('AWSPENDING')).toBeUndefined();
    expect(world.secret.labelled('AWSCURRENT')).toBe('edit-2');
  });

  test('while Fiskil is away fails for now: the version stays pending, and a repeat succeeds', async () => {
    await world.invoke('createSecret');
    world.fiskil.failure = mintFailure('upstream_unavailable', 'timeout');
    expect((await world.fail('testSecret')).message).toMatch(
      /^The staged pair could not be tested \(upstream_unavailable, timeout\)\./,
    );
    expect(world.secret.labelled('AWSPENDING')).toBe('token');
    world.fiskil.failure = undefined;
    await world.invoke('testSecret');
  });

  // Secrets Manager's probe when a deploy switches rotation on: this step alone, on a version that it removes again.
  test.each([
    ['has no value', undefined],
    ['is empty', secretText({ clientId: '', clientSecret: '' })],
    ['is a copy of the current one', secretText(LIVE, NEXT)],
    ['is a copy of a current one that is pasted wrongly', 'bare text'],
    ['holds the live pair', secretText(LIVE, undefined, { note: 'other' })],
  ])('at deploy time, where the pending version %s: succeeds, asks nobody, promotes nothing', async (_, text) => {
    if (text === 'bare text') {
      world.secret.edit(text);
      world.secret.begin('token');
    }
    const before = world.secret.labelled('AWSCURRENT');
    if (text !== undefined) {
      await world.secret.fill('any', 'token', text);
    }
    await world.invoke('testSecret');
    expect(world.fiskil.asked).toEqual([]);
    expect(world.secret.labelled('AWSCURRENT')).toBe(before);
  });
});

describe('finishSecret', () => {
  test('tests the pair itself, so that no order of steps promotes an untested one', async () => {
    await world.invoke('createSecret');
    await world.invoke('finishSecret');
    expect(world.fiskil.asked).toEqual([NEXT]);
    expect(world.secret.labelled('AWSCURRENT')).toBe('token');
    expect(world.secret.labelled('AWSPREVIOUS')).toBe('edit-1');
  });

  test('of a pair that Fiskil refuses promotes nothing', async () => {
    world.secret.edit(secretText(LIVE, REFUSED));
    world.secret.begin('token');
    await world.invoke('createSecret');
    await world.fail('finishSecret');
    expect(world.secret.labelled('AWSCURRENT')).toBe('edit-2');
    expect(world.secret.labelled('AWSPENDING')).toBeUndefined();
  });

  test('of a version without a value promotes nothing', async () => {
    expect(await world.fail('finishSecret')).toBeInstanceOf(ValueNotShown);
    expect(world.secret.labelled('AWSCURRENT')).toBe('edit-1');
  });

  test.each([
    ['pending', 'token'],
    ['current', 'edit-1'],
  ])('is only put off by a read that does not show the value of the %s version yet', async (_what, lagging) => {
    await world.invoke('createSecret');
    const read = world.secret.read.bind(world.secret);
    world.secret.read = async (id, version) => (version === lagging ? undefined : read(id, version));
    const { kind, message } = await world.fail('finishSecret');
    expect([kind, message]).toEqual([
      'passing',
      expect.stringMatching(/^Secrets Manager does not show the value of a version yet\./),
    ]);
    expect([world.secret.labelled('AWSPENDING'), world.secret.labelled('AWSCURRENT')]).toEqual(['token', 'edit-1']);
    world.secret.read = read;
    await world.invoke('finishSecret');
    expect(world.secret.labelled('AWSCURRENT')).toBe('token');
  });

  test('repeated is success, and asks nobody', async () => {
    await world.rotate();
    const asked = world.fiskil.asked.length;
    await world.invoke('finishSecret');
    expect(world.lines.at(-1)?.detail).toBe('nothing: the version is current already');
    expect(world.fiskil.asked).toHaveLength(asked);
  });

  test.each(['takes AWSPENDING', 'leaves AWSPENDING'] as const)(
    'an edit since createSecret wins, where Secrets Manager %s',
    async (editRule) => {
      world = new RotationWorld(new SecretModel(secretText(LIVE, NEXT), editRule));
      world.secret.begin('token');
      await world.invoke('createSecret');
      // The same pair is staged; it is another row that was edited.
      const edited = world.secret.edit(secretText(LIVE, NEXT, { note: 'new' }));
      expect(await world.fail('finishSecret')).toBeInstanceOf(RotationAbandoned);
      expect(world.secret.labelled('AWSCURRENT')).toBe(edited);
      await world.rotate('second token');
      expect(JSON.parse(world.secret.currentText ?? '')).toMatchObject({ client_id: NEXT.clientId, note: 'new' });
    },
  );

  test('an edit while Fiskil is asked wins', async () => {
    await world.invoke('createSecret');
    const mint = world.fiskil.mint.bind(world.fiskil);
    world.fiskil.mint = async (pair) => {
      world.secret.edit(secretText(REFUSED));
      return mint(pair);
    };
    expect(await world.fail('finishSecret')).toBeInstanceOf(RotationAbandoned);
    expect(world.secret.currentText).toBe(secretText(REFUSED));
  });
});

describe('every step', () => {
  test.each(STEPS)('%s: of a token that is unknown, or no longer pending, fails cleanly', async (step) => {
    expect(await world.fail(step, 'unknown')).toBeInstanceOf(RotationAbandoned);
    await world.secret.giveUp('any', 'token');
    expect(await world.fail(step)).toBeInstanceOf(RotationAbandoned);
    expect(world.secret.labelled('AWSCURRENT')).toBe('edit-1');
  });

  test.each(STEPS)('%s: is refused while rotation is switched off', async (step) => {
    world.secret.isRotationEnabled = false;
    expect((await world.fail(step)).message).toMatch(/^Rotation is switched off for this secret/);
    expect(world.secret.labelled('AWSPENDING')).toBe('token');
  });

  test('tells the reason where AWSPENDING could not be taken off as well', async () => {
    world.secret.edit(secretText(LIVE));
    world.secret.begin('token');
    world.secret.giveUp = async () => {
      throw new Error(CANARY);
    };
    expect((await world.fail('createSecret')).message).toMatch(/^Nothing is staged/);
  });

  test('hides what an unexpected error says', async () => {
    world.secret.describe = async () => {
      throw new TypeError(CANARY);
    };
    expect((await world.fail('testSecret')).message).toBe('The rotation function failed; its log says where.');
    expect(world.faults).toEqual([expect.any(TypeError)]);
    expect(JSON.stringify(world.lines)).not.toContain(CANARY);
  });

  test.each([['steal'], ['constructor'], ['']])(
    'an event of the step %j is refused, and nothing of it is told',
    async (step) => {
      const error = await world.fail(step);
      expect(error.message).toMatch(/^This function accepts only the events of a Secrets Manager rotation/);
      expect(leaks(everythingOf([error, world.lines]))).toEqual([]);
    },
  );
});
