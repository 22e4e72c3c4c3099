// 汀罗镇: the window accepts and later tells the result; the civil affairs office reviews first.
import { IS_SHORT } from './settings.mjs'
import { expect, figures, keep, keepNarrower, later, step } from './stage.mjs'
import { act, isDone, leave, openWhenHere, signIn } from './office.mjs'

const WINDOW = 'tingluo.window'
const CIVIL = 'tingluo.civil'

export async function accept(receipt) {
  figures.people += 1
  await later(300)
  const page = await step('the window of the town signs in', () => signIn(WINDOW))
  await step('the window accepts', async () => {
    await openWhenHere(page, receipt.caseNo, 'accept')
    await keep(page, 'town-case')
    await page.keyboard.press('Alt+Enter')
    await isDone(page)
    await keep(page, 'accepted')
  })
  if (!IS_SHORT) await step('the work list is used by keyboard alone', () => useKeyboard(page))
  await leave(page)
}

async function useKeyboard(page) {
  await page.locator('.console-nav a').first().click()
  await page.locator('.sheet[aria-busy=false]').waitFor()
  await page.locator('tr[data-case]').nth(3).waitFor()
  await keep(page, 'window-worklist')
  const chosen = page.locator('tr[data-case][aria-current=true]')
  const first = await chosen.getAttribute('data-case')
  await page.locator('.page-head h1').click()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  const second = await chosen.getAttribute('data-case')
  expect(second !== first, 'the arrows do not move the choice')
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/console/cases/${second}`)
  await page.locator('[data-role=case-title]').waitFor()
  await page.goBack()
  await page.locator('tr[data-case]').first().waitFor()
  await page.locator('.page-head h1').click()
  await page.keyboard.press('Shift+?')
  await page.locator('#panel-help').waitFor()
  await keep(page, 'help')
  await page.keyboard.press('Escape')
  await page.locator('[data-filter=due3]').click()
  await page.locator('.sheet[aria-busy=false]').waitFor()
  await page.locator('[data-bucket=elsewhere]').click()
  await page.locator('.sheet[aria-busy=false]').waitFor()
  await keep(page, 'worklist-elsewhere')
  await page.keyboard.press('Control+KeyK')
  await page.keyboard.type('没有这个人')
  await page.keyboard.press('Enter')
  await page.getByText('没有查到').waitFor()
  await keep(page, 'search-empty')
}

export async function firstReview(receipt) {
  figures.people += 1
  await later(45)
  const page = await signIn(CIVIL)
  await step('the work list of the town shows what turns red first', async () => {
    await page.locator('tr[data-case]').nth(11).waitFor()
    const lights = await page.locator('.cell-light .light').evaluateAll((all) => all.map((light) => light.className))
    const rank = (light) => ['light--late', 'light--near', 'light--fine'].findIndex((level) => light.includes(level))
    expect(lights.every((light, index) => index === 0 || rank(lights[index - 1]) <= rank(light)), `the order of the lights: ${lights}`)
    await keep(page, 'worklist')
    await keepNarrower(page, 'worklist')
  })
  await step('a case whose office asks another one shows whom', async () => {
    await page.locator('tr[data-case]', { hasText: '最低生活保障' }).first().locator('th a').click()
    await page.locator('.case-head .relay--asks .relay__asked').waitFor()
    await keep(page, 'asks')
  })
  await step('a review without an opinion is refused', async () => {
    await openWhenHere(page, receipt.caseNo, 'review')
    await page.keyboard.press('Alt+Enter')
    await page.locator('.next .error-summary').waitFor()
    await keep(page, 'opinion-missing')
  })
  await step('the civil affairs office reviews and hands on to the county', async () => {
    await page.locator('#act-opinion').fill('材料齐全，情况属实，同意上报。')
    await act(page, 'review')
  })
  await leave(page)
}

export async function tellTheResult(receipt) {
  await later(60)
  const page = await signIn(WINDOW)
  await step('the window tells the result and sends it home', async () => {
    await openWhenHere(page, receipt.caseNo, 'deliver')
    await page.locator('#act-note').fill('已电话告知申请人')
    await keep(page, 'town-tells')
    await act(page, 'deliver')
  })
  await leave(page)
}
