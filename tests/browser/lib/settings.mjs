// What a walk is told from outside. `make drill-relay` sets all of it.
import { existsSync, mkdirSync, rmSync } from 'node:fs'

function needed(name, meaning) {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: ${meaning}. The walk is started by \`make drill-relay\`.`)
  return value
}

export const BASE_URL = needed('ZT_BASE_URL', 'the address of the platform').replace(/\/$/, '')
export const PASSWORD = needed('ZT_PASSWORD', 'the password of the accounts')
/** {name, identity_number, telephone}: a made-up person whose numbers have right check digits. */
export const APPLICANT = JSON.parse(needed('ZT_APPLICANT', 'the applicant, as JSON'))
export const IS_SHORT = process.env.ZT_SIZE === 'short'
export const PICTURES = needed('ZT_PICTURES', 'the folder for screenshots')
export const CHROMIUM = process.env.ZT_CHROMIUM ?? '/usr/bin/chromium'

if (!existsSync(CHROMIUM)) throw new Error(`there is no browser at ${CHROMIUM}: run \`make install-test\``)
rmSync(PICTURES, { recursive: true, force: true })
mkdirSync(PICTURES, { recursive: true })
