/** A real browser without a window: CHROME_PATH, or the one that comes with `npm ci`. */
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

export async function startBrowser(): Promise<Browser> {
  const given = process.env['CHROME_PATH'] ?? '';
  return playwright.launch({
    executablePath: given === '' ? await chromium.executablePath() : given,
    // Containers and CI run as root, where Chromium's own sandbox does not start. Only files of tests are opened.
    args: ['--no-sandbox', '--disable-gpu'],
    headless: true,
  });
}
