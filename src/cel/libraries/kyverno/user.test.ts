import { describe } from 'node:test';
import { fails, holds, refuses } from './testing.ts';

describe('service accounts', () => {
  holds([
    "parseServiceAccount('system:serviceaccount:apps:web').Name == 'web'",
    "user.parseServiceAccount('system:serviceaccount:apps:web').Namespace == 'apps'",
    "parseServiceAccount('system:serviceaccount:apps').Namespace == ''",
    "parseServiceAccount('kubernetes-admin').Name == ''",
    "!has(parseServiceAccount('kubernetes-admin').Name)",
    "!parseServiceAccount('x').?Name.hasValue()",
    "type(parseServiceAccount('x')) == user.ServiceAccount",
    "parseServiceAccount('system:serviceaccount:a:b') == user.ServiceAccount{Name: 'b', Namespace: 'a'}",
  ]);
  fails({
    'user.ServiceAccount{Name: dyn(1)}.Name': "unsupported type conversion from 'int' to string",
    'parseServiceAccount(dyn(1)).Name': 'no such overload: parseServiceAccount(int)',
  });
  refuses({ "parseServiceAccount('x').name": "undefined field 'name'" });
});
