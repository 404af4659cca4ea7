// whether a withdrawal ended the claim `e`, not only a conflict of digests (model/identity-conflict.ts)
any(by IN coalesce(e.endBy, []) WHERE NOT by STARTS WITH 'conflict:')
