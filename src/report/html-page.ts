import type { PolicyInfo, Report } from '../model/index.ts';
import type { FormatOptions } from './format.ts';
import { htmlText } from './html-text.ts';
import { blocks } from './paragraphs.ts';

/** What the parts of `html` share. */
export interface HtmlPage {
  readonly report: Report;
  readonly options: FormatOptions;
  /** Of the policies with results, by id: in place of ids in attributes. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** A policy as findings refer to it: what to do, why, and what else it is known by. */
export function policyArticle(info: PolicyInfo, number: number): string {
  const { id, title, severity, description, remediation } = info;
  const facts = factsOf(info);
  return `<article id="policy-${number}" class="${severity}"><details><summary><b>${htmlText(title)}</b>${title === id ? '' : ` <code>${htmlText(id)}</code>`}</summary>
<div class="body">${remediation === undefined ? '' : textBlocks(remediation)}${description === undefined ? '' : textBlocks(description)}${facts === '' ? '' : `<dl>${facts}</dl>`}</div></details></article>
`;
}

function factsOf({ owner, frameworks = {}, equivalents = [] }: PolicyInfo): string {
  const facts: [string, string][] = [
    ...(owner === undefined ? [] : [['Owner', owner] as [string, string]]),
    ...Object.entries(frameworks).map(([name, ids]): [string, string] => [name, ids.join(', ')]),
    ...(equivalents.length === 0 ? [] : [['Elsewhere', equivalents.join(', ')] as [string, string]]),
  ];
  return facts.map(([name, value]) => `<dt>${htmlText(name)}</dt><dd>${htmlText(value)}</dd>`).join('');
}

/** Paragraphs, lists and code as policies' authors write them. */
export function textBlocks(text: string): string {
  return blocks(text)
    .map(({ code, lines }) =>
      code
        ? `<pre><code>${lines.map(htmlText).join('\n')}</code></pre>`
        : lines.map((line) => `<p>${htmlText(line)}</p>`).join(''),
    )
    .join('');
}
