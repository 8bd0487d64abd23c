// People with pending one-time tokens, written straight into the database of a server (contract 06 section 2).
import crypto from 'node:crypto'

export const CODE = '123456'
export const hash = (address, code = CODE) => crypto.createHash('sha224').update(address + code).digest('hex')

let number = 0

// A confirmed user; pending: { columns: 'a = …', tokens: [[type, stored value, relates to], …] }
export async function person(database, { columns = (email) => `email = '${email}'`, tokens = () => [] } = {}) {
  const email = `verify-${++number}@example.com`
  const id = await database.value(`insert into auth.users (instance_id, id, aud, role, email, email_confirmed_at, created_at, updated_at, raw_app_meta_data, raw_user_meta_data)
    values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', '${email}', now(), now(), now(), '{}', '{}') returning id`)
  await database.sql(`update auth.users set ${columns(email)} where id = '${id}'`)
  for (const [type, value, about] of tokens(email))
    await database.sql(`insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to) values (gen_random_uuid(), '${id}', '${type}', '${value}', '${about}')`)
  return { id, email }
}

// Somebody who has asked for a new password; prefix: 'pkce_'
export const recovering = (database, prefix = '') => person(database, {
  columns: (email) => `recovery_token = '${prefix}${hash(email)}', recovery_sent_at = now()`,
  tokens: (email) => [['recovery_token', prefix + hash(email), email]],
})

export const sessions = (database, { id }) => database.value(`select count(*) from auth.sessions where user_id = '${id}'`)
