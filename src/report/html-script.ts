/**
 * The page is whole without it; it filters, counts and switches themes. It reads attributes that we wrote and sets no HTML,
 * so that no text of the input is ever more than text.
 */
export const SCRIPT = `
'use strict';
(() => {
  const form = document.getElementById('filters');
  const search = form.elements.namedItem('search');
  const policy = form.elements.namedItem('policy');
  const theme = document.getElementById('theme');
  const count = document.getElementById('shown');
  const empty = document.getElementById('empty');
  const findings = [...document.querySelectorAll('article[data-standing]')];
  const groups = [...document.querySelectorAll('section[data-group]')];
  const texts = new WeakMap();

  const textOf = (finding) => {
    let text = texts.get(finding);
    if (text === undefined) {
      text = (finding.closest('section').querySelector('h2').textContent + ' ' + finding.textContent).toLowerCase();
      texts.set(finding, text);
    }
    return text;
  };
  const checked = (name) =>
    new Set([...form.querySelectorAll('input[name="' + name + '"]:checked')].map((box) => box.value));

  const apply = () => {
    const severities = checked('severity');
    const standings = checked('standing');
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    let shown = 0;
    for (const finding of findings) {
      const { severity, standing, policy: own } = finding.dataset;
      const fits =
        standings.has(standing) &&
        (standing === 'error' || severities.has(severity)) &&
        (policy.value === '' || (' ' + own + ' ').includes(' ' + policy.value + ' ')) &&
        words.every((word) => textOf(finding).includes(word));
      finding.hidden = !fits;
      if (fits) shown += 1;
    }
    for (const group of groups) group.hidden = group.querySelector('article:not([hidden])') === null;
    count.textContent = shown + ' of ' + findings.length;
    empty.hidden = shown > 0 || findings.length === 0;
  };

  // What to do stands once on the page, with its policy; opened at a finding, it is shown there too.
  document.addEventListener('toggle', ({ target }) => {
    const place = target.matches?.('details[data-remedy]') ? target.querySelector('.body') : null;
    if (place === null || place.dataset.filled === 'yes') return;
    const body = document.querySelector('#policy-' + target.dataset.remedy + ' .body');
    if (body === null) return;
    place.replaceChildren(...[...body.cloneNode(true).childNodes]);
    place.dataset.filled = 'yes';
  }, true);

  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(apply));
  theme.addEventListener('change', () => {
    document.documentElement.dataset.theme = theme.value;
  });
  for (const part of [form, theme]) part.hidden = false;
  apply();
})();
`;
