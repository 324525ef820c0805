// `gh api`, as far as the comment job calls it: comments of one issue, in a file. What --jq says is asked of gojq, which gh
// itself is built with.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const { COMMENTS, GOJQ } = process.env;
const [command, ...args] = process.argv.slice(2);
const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const path = args.find((arg) => arg.startsWith('repos/'));
const comments = JSON.parse(readFileSync(COMMENTS, 'utf8'));
const method = option('--method') ?? 'GET';
const body = () => {
  const [, value] = /^body=@(.*)$/.exec(option('--field'));
  return readFileSync(value, 'utf8');
};

if (command !== 'api') throw new Error(`gh ${command} is not known`);
if (method === 'GET' && path === 'repos/shop/site/issues/7/comments')
  process.stdout.write(execFileSync(GOJQ, ['-r', option('--jq')], { input: JSON.stringify(comments) }));
else if (method === 'POST' && path === 'repos/shop/site/issues/7/comments')
  save([...comments, { id: comments.length + 1, user: { login: 'github-actions[bot]' }, body: body() }]);
else if (method === 'PATCH' && /^repos\/shop\/site\/issues\/comments\/\d+$/.test(path)) {
  const id = Number(path.split('/').at(-1));
  save(comments.map((comment) => (comment.id === id ? { ...comment, body: body() } : comment)));
} else throw new Error(`${method} ${path} is not known`);

function save(all) {
  writeFileSync(COMMENTS, JSON.stringify(all));
}
