/** The html report as people use it: opened from a file, filtered, read on a telephone, in both themes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Report } from '../../src/model/index.ts';
import { FORMATS } from '../../src/report/index.ts';
import { GATED_REPORT, HOSTILE, HOSTILE_REPORT, REPORT, SOURCES } from '../fakes/report.ts';
import { folderWith, rampart } from '../scenarios/rampart.ts';
import { startBrowser } from './browser.ts';

let browser: Browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

interface Opened {
  readonly page: Page;
  /** What the browser complained of, asked for beside the page, or was asked to show. */
  readonly noise: readonly string[];
}

async function open(
  text: string,
  options: { width?: number; scheme?: 'light' | 'dark' } = {},
): Promise<Opened> {
  const file = join(folderWith({ 'report.html': text }), 'report.html');
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.scheme ?? 'light',
  });
  const noise: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
  page.on('dialog', (dialog) => noise.push(dialog.message()));
  page.on('request', (request) => {
    if (request.url() !== url) noise.push(request.url());
  });
  await page.goto(url);
  return { page, noise };
}

async function print(
  report: Report,
  source = (file: string): string | undefined => SOURCES[file],
): Promise<string> {
  const format = await FORMATS.html();
  return [
    ...format(report, { color: false, width: 80, version: '0.1.0', quiet: false, all: false, source }),
  ].join('');
}

/** Objects of the findings that can be seen. */
const seen = async (page: Page): Promise<string[]> => {
  const wheres = page.locator('article[data-standing]:visible .where:first-of-type');
  return (await wheres.allTextContents()).map((text) => text.split(' · ')[0]!);
};

test('filters leave what fits, count it, and can be cleared', async () => {
  const { page, noise } = await open(await print(GATED_REPORT));
  const shown = page.locator('#shown');
  assert.equal(await shown.textContent(), '6 of 6');

  await page.getByRole('checkbox', { name: 'low' }).uncheck();
  assert.equal(await shown.textContent(), '5 of 6');
  await page.getByRole('checkbox', { name: 'known' }).uncheck();
  assert.deepEqual(await seen(page), [
    'Pod default/web',
    'Pod default/second',
    'Pod default/web',
    'Pod default/excused',
  ]);
  await page.getByLabel('Policy').selectOption({ label: 'pss-privileged' });
  assert.deepEqual(await seen(page), ['Pod default/web', 'Pod default/excused']);
  await page.getByLabel('Search').fill('EXCUSED next quarter');
  assert.deepEqual(await seen(page), ['Pod default/excused']);
  await page.getByLabel('Search').fill('no such thing');
  assert.ok(await page.getByText('Nothing fits these filters.').isVisible());
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('6 of 6').waitFor();
  assert.ok(await page.getByText('Nothing fits these filters.').isHidden());
  assert.deepEqual(noise, []);
});

test('what to do opens at the finding', async () => {
  const { page, noise } = await open(await print(GATED_REPORT));
  const finding = page.locator('article[data-standing="failing"]');
  await finding.getByText('What to do').click();
  await finding.getByText('Grant the one capability that is needed instead').waitFor();
  assert.equal(await finding.locator('pre').last().textContent(), 'capabilities: {add: [NET_BIND_SERVICE]}');
  assert.deepEqual(noise, []);
});

test('hostile text runs nothing, asks for nothing and is text', async () => {
  const attacks =
    '<img src=x onerror=alert(1)><svg onload=alert(2)>"\'><script>alert(3)</script>{{7*7}}<style>*{display:none}</style>';
  const hostile: Report = {
    ...HOSTILE_REPORT,
    results: HOSTILE_REPORT.results.map((result) => ({
      ...result,
      detail: attacks,
      origin: { ...result.origin, file: attacks },
    })),
    notices: [attacks],
  };
  const { page, noise } = await open(await print(hostile, () => `${attacks}${HOSTILE}\n`));
  assert.deepEqual(noise, []);
  assert.equal(await page.locator('img, svg, main style, main script, iframe').count(), 0);
  assert.ok((await page.locator('.detail').allTextContents()).includes(attacks));
  await page.getByLabel('Search').fill('<script>alert(3)');
  assert.notEqual((await seen(page)).length, 0);
});

test('without JavaScript the page is whole', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.setContent(await print(REPORT));
  assert.equal(await page.locator('article[data-standing]:visible').count(), 4);
  assert.ok(await page.locator('#filters').isHidden());
  await context.close();
});

test('both themes follow the system and the choice, and nothing is wider than a telephone', async () => {
  const text = await print(GATED_REPORT, () => `${'x'.repeat(500)}: ${'y'.repeat(500)}\n`.repeat(10));
  const ground = (page: Page) => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const { page: light } = await open(text, { width: 390 });
  const { page: dark } = await open(text, { width: 390, scheme: 'dark' });
  assert.deepEqual([await ground(light), await ground(dark)], ['rgb(246, 247, 249)', 'rgb(16, 19, 23)']);
  await light.getByLabel('Theme').selectOption('dark');
  assert.equal(await ground(light), 'rgb(16, 19, 23)');
  for (const width of [390, 1280]) {
    await dark.setViewportSize({ width, height: 900 });
    assert.equal(await dark.evaluate('document.documentElement.scrollWidth'), width);
  }
});

test('a scan writes the page, and no secret of the shop is in it', async () => {
  const ran = rampart(['scan', 'examples/shop', '--fail-on', 'none', '--format', 'html']);
  assert.equal(ran.code, 0);
  const { page, noise } = await open(ran.out);
  assert.match((await page.locator('#shown').textContent())!, /^(\d+) of \1$/);
  assert.ok(await page.getByText('cluster-admin bound', { exact: true }).first().isVisible());
  assert.deepEqual(noise, []);
  const backup = readFileSync(join(import.meta.dirname, '../../examples/shop/data/backup.yaml'), 'utf8');
  assert.ok(backup.includes('backup-example') && !ran.out.includes('backup-example'));
});
