// The stage of a walk: one browser, a window per person, numbered screenshots, axe on every state, one JSON line per step.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import { BASE_URL, CHROMIUM, PICTURES } from './settings.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** How long a condition may take to come true, in milliseconds; nothing here waits for time to pass. */
const CONDITION_MS = 20_000
export const DESK = { width: 1440, height: 900 }
/** Besides the desk: a small notebook, a tablet, a telephone. */
export const NARROWER = [{ width: 1024, height: 768 }, { width: 768, height: 1024 }, { width: 375, height: 812 }]

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
]
/** A refused request is an answer that the walk provokes; the browser writes each of them into its console. */
const EXPECTED_NOISE = /Failed to load resource: the server responded with a status of (401|404|409|422)/

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

export const figures = { people: 0, steps: 0, failed: 0, pictures: 0, states: 0 }
let browser = null

export async function raise() {
  // Playwright gives every browser an empty profile of its own.
  browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGUMENTS })
}

export async function strike() {
  await browser?.close()
}

/** Somebody's own window: cookies, size and all. What the page itself calls an error counts as a failed step. */
export async function enter(name, size = DESK) {
  const context = await browser.newContext({
    baseURL: BASE_URL,
    viewport: size,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(CONDITION_MS)
  // There is no printer: a page that prints is counted instead.
  await context.addInitScript(() => {
    window.print = () => (window.top.sheetsPrinted += 1)
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => complain(name, `the page failed: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED_NOISE.test(message.text())) complain(name, `the browser says: ${message.text()}`)
  })
  return page
}

function complain(name, message) {
  figures.failed += 1
  // Playwright colours its messages for terminals.
  say({ step: name, ok: false, message: message.replaceAll(/\u001b\[\d+m/g, '') })
}

/** A step that fails ends the walk: what would follow stands on it. */
export async function step(name, act) {
  const began = performance.now()
  figures.steps += 1
  try {
    const answer = await act()
    say({ step: name, ok: true, ms: Math.round(performance.now() - began) })
    return answer
  } catch (error) {
    complain(name, error.message)
    throw error
  }
}

export function expect(truth, message) {
  if (!truth) throw new Error(message)
}

/** Keeps a picture of the state and has axe look at it; both count. */
export async function keep(page, name, { fullPage = false, look = true } = {}) {
  figures.pictures += 1
  // A scan that is still on its way would be a picture of nothing.
  await page.waitForFunction(() => [...document.images].every((image) => image.complete))
  const number = String(figures.pictures).padStart(2, '0')
  await page.screenshot({ path: `${PICTURES}/${number}-${name}.png`, fullPage, animations: 'disabled', caret: 'hide' })
  if (look) await inspect(page, name)
}

/** A PDF is drawn by the browser's own viewer, which tells nobody when it is done: an empty sheet compresses to next to nothing. */
const DRAWN_BYTES = 4_000
export async function untilDrawn(locator) {
  const until = performance.now() + CONDITION_MS
  for (;;) {
    if ((await locator.screenshot()).length > DRAWN_BYTES) return
    expect(performance.now() < until, 'the PDF is not drawn')
  }
}

async function inspect(page, name) {
  figures.states += 1
  // Evaluated by the debugger's way, so that the page's own security policy stays in force.
  await page.evaluate(AXE)
  const violations = await page.evaluate(async () => {
    const found = await globalThis.axe.run(document, { resultTypes: ['violations'] })
    return found.violations.map((violation) => ({
      rule: violation.id,
      impact: violation.impact,
      where: violation.nodes.slice(0, 4).map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
    }))
  })
  for (const violation of violations) complain(`axe on ${name}`, JSON.stringify(violation))
}

/** The same page on smaller screens; the window is put back. */
export async function keepNarrower(page, name) {
  for (const size of NARROWER) {
    await page.setViewportSize(size)
    await keep(page, `${name}-${size.width}`, { fullPage: true })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow <= 0, `${name} is ${overflow} px wider than a screen of ${size.width} px`)
  }
  await page.setViewportSize(DESK)
}

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** The platform's clock belongs to the drill: it is asked to move it on, and answers when it has. */
export async function later(minutes) {
  say({ ask: 'later', minutes })
  const { done } = await answers.next()
  expect(!done, 'the drill that keeps the clock has gone')
}

export function report() {
  say({ figures })
}
