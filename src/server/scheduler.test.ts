import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Exchange } from './exchange.ts';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
import { createScheduler } from './scheduler.ts';

/** A body names its user, and how far the clock goes while it is parsed or its job runs. */
function setUp(limits: Partial<ServerLimits> = {}, { logAnswers = false } = {}) {
  let time = 1_000;
  const log: string[] = [];
  const scheduler = createScheduler({
    limits: { ...DEFAULT_LIMITS, ...limits },
    now: () => time,
    onError: (error) => log.push(String(error)),
    accept: (_kind, body) => {
      const [user, parse, run] = body.toString('utf8').trim().split(' ');
      time += Number(parse);
      log.push(`parse ${user}`);
      return {
        user: user!,
        run: () => {
          time += Number(run);
          log.push(`run ${user}`);
          return { status: 200, body: user! };
        },
      };
    },
    reply: (exchange, { status, body }, ending) => {
      exchange.stage = 'done';
      if (status !== 200) log.push(ending);
      else if (logAnswers) log.push(`answer ${body}`);
    },
  });
  const submit = (user: string, { parse = 0, run = 0, size = 0, waits = 10_000 } = {}) => {
    const body = Buffer.from(`${user} ${parse} ${run}`.padEnd(size));
    const exchange: Exchange = {
      request: {} as IncomingMessage,
      response: {} as ServerResponse,
      kind: 'validate',
      arrived: time,
      deadline: time + waits,
      declared: body.length,
      place: -1,
      stage: 'reading',
      received: body.length,
      whole: body,
      parts: null,
      job: null,
    };
    scheduler.submit(exchange);
    return exchange;
  };
  const pass = (milliseconds: number) => {
    time += milliseconds;
  };
  return { scheduler, submit, log, pass };
}

async function untilEmpty({ size }: { size(): number }): Promise<number> {
  let turns = 0;
  for (; size() > 0; turns++) {
    assert.ok(turns < 1_000);
    await nextTurn();
  }
  return turns;
}

test('what came together is parsed, then runs, then is answered', async () => {
  const { scheduler, submit, log } = setUp({}, { logAnswers: true });
  for (const user of ['a', 'b']) submit(user);
  assert.deepEqual(log, []);
  // The first says that more may come.
  assert.equal(await untilEmpty(scheduler), 2);
  assert.deepEqual(log, ['parse a', 'parse b', 'run a', 'run b', 'answer a', 'answer b']);
});

test('as long as each turn of the event loop brings more, it is taken together, for a millisecond', async () => {
  const { scheduler, submit, log, pass } = setUp();
  submit('a');
  await nextTurn();
  submit('b');
  await nextTurn();
  assert.deepEqual(log, []);
  submit('c');
  pass(1);
  await nextTurn();
  assert.deepEqual(log.slice(0, 3), ['parse a', 'parse b', 'parse c']);
  assert.equal(scheduler.size(), 0);
});

test('no answer waits for long, and none for a large body', async () => {
  const { scheduler, submit, log } = setUp({}, { logAnswers: true });
  for (const user of ['a', 'b']) submit(user, { run: 1 });
  await untilEmpty(scheduler);
  assert.deepEqual(log.slice(2), ['run a', 'answer a', 'run b', 'answer b']);
  log.length = 0;
  submit('small');
  submit('large', { size: 100_000 });
  await untilEmpty(scheduler);
  assert.deepEqual(log.slice(1), ['run small', 'answer small', 'parse large', 'run large', 'answer large']);
});

test('each turn of the event loop is over after its milliseconds', async () => {
  const { scheduler, submit, log } = setUp();
  for (let i = 0; i < 9; i++) submit('a', { run: 3 });
  for (let i = 0; i < 2; i++) await nextTurn();
  assert.equal(log.filter((line) => line === 'run a').length, 2);
  assert.equal(await untilEmpty(scheduler), 4);
});

test('large bodies wait for small ones, but not for ever', async () => {
  const { scheduler, submit, log } = setUp({ turnMs: 8 });
  submit('first', { run: 9 });
  for (let i = 0; i < 3; i++) submit('large', { parse: 50, size: 100_000 });
  for (let i = 0; i < 12; i++) submit('small', { parse: 1, run: 1 });
  await untilEmpty(scheduler);
  const parsed = log.filter((line) => line.startsWith('parse')).slice(1);
  assert.deepEqual(
    parsed.slice(0, 10).map((line) => line.slice(6)),
    [...Array(8).fill('small'), 'large', 'small'],
  );
  assert.equal(parsed.length, 15);
});

test('users take turns', async () => {
  const { scheduler, submit, log } = setUp();
  submit('first', { run: 6 });
  for (let i = 0; i < 20; i++) submit('flood', { run: 1 });
  submit('other', { run: 1 });
  await untilEmpty(scheduler);
  const runs = log.filter((line) => line.startsWith('run'));
  assert.ok(runs.indexOf('run other') < 4, runs.join());
});

test('while connections come, accepting has as much time as jobs', async () => {
  const { scheduler, submit, log } = setUp();
  for (let i = 0; i < 4; i++) submit('a', { run: 6 });
  for (let i = 0; i < 2; i++) await nextTurn();
  assert.equal(log.filter((line) => line === 'run a').length, 1);
  for (let i = 0; i < 10; i++) {
    scheduler.connected();
    await nextTurn();
  }
  // The clock stands still.
  assert.equal(log.filter((line) => line === 'run a').length, 1);
  await untilEmpty(scheduler);
});

test('what nobody waits for any more is not parsed, and not run', async () => {
  const { scheduler, submit, log } = setUp();
  submit('first', { run: 50 });
  submit('late', { waits: 0 });
  const gone = submit('gone');
  scheduler.forget(gone);
  gone.stage = 'done';
  submit('slow', { parse: 20, waits: 10 });
  await untilEmpty(scheduler);
  assert.deepEqual(log, ['parse first', 'expired', 'parse slow', 'run first', 'expired']);
});

test('bodies that wait to be parsed are bounded', async () => {
  const { scheduler, submit, log } = setUp({ unread: 2 });
  for (let i = 0; i < 3; i++) submit('a');
  assert.deepEqual(log, ['queueFull']);
  await untilEmpty(scheduler);
});
