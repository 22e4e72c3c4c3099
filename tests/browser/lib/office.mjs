// What people do in the console, by the names that stand on its pages.
import { PASSWORD } from './settings.mjs'
import { DESK, enter, expect } from './stage.mjs'

export async function signIn(loginName, size = DESK) {
  const page = await enter(loginName, size)
  await page.goto('/console/')
  await page.locator('#login-name').fill(loginName)
  await page.locator('#password').fill(PASSWORD)
  await page.locator('[data-action=sign-in]').click()
  await deskIsShown(page)
  return page
}

export async function deskIsShown(page) {
  await page.getByRole('heading', { level: 1, name: '工作台' }).waitFor()
  await page.locator('.sheet[aria-busy=false]').waitFor()
}

export async function leave(page) {
  await page.context().close()
}

/** Opens a field of choices and takes one, by mouse. */
export async function choose(page, id, choice) {
  await page.locator(`.el-select:has(#${id})`).click()
  await page.getByRole('option', { name: choice, exact: true }).filter({ visible: true }).click()
}

/** Waits until the service itself says that this post may do the act, then opens the case by its number as a clerk would. */
export async function openWhenHere(page, caseNo, action) {
  await page.waitForFunction(
    async ({ caseNo, action }) => {
      const answer = await fetch(`/api/v1/cases?q=${caseNo}`)
      if (!answer.ok) return false
      const row = (await answer.json()).items[0]
      return row?.next_action?.action === action
    },
    { caseNo, action },
    { polling: 200 },
  )
  await page.keyboard.press('Control+KeyK')
  await page.keyboard.type(caseNo)
  await page.keyboard.press('Enter')
  await page.locator('tr[data-case] th a').first().waitFor()
  await page.locator('.sheet[aria-busy=false]').waitFor()
  await page.locator('tr[data-case] th a').first().click()
  await caseIsShown(page)
}

export async function caseIsShown(page) {
  await page.locator('[data-role=case-title]').waitFor()
}

/** Presses the solid button and waits for the page to say that it is done. */
export async function act(page, action) {
  await page.locator(`[data-action=${action}][aria-disabled=true]`).waitFor({ state: 'detached' })
  await page.locator(`[data-action=${action}]`).click()
  await isDone(page)
}

export async function isDone(page) {
  const notice = page.locator('.case-notice')
  await notice.waitFor()
  expect((await notice.textContent()) === '办好了', `the page says: ${await notice.textContent()}`)
}

export async function addPaper(page, material, file, name) {
  await page.locator(`.papers button[data-material=${material}]`).click()
  await page.locator('[data-role=file-input]').setInputFiles(file)
  await page.getByRole('status').filter({ hasText: `“${name}”传好了` }).waitFor()
}

/** The paper as the officer sees it: its picture must have arrived, not only its frame. */
export async function lookAtPicture(page, material) {
  await page.locator(`.papers button[data-material=${material}]`).click()
  const picture = page.locator('.viewer .paper img')
  await picture.waitFor()
  await picture.evaluate((image) => image.decode())
  const width = await picture.evaluate((image) => image.naturalWidth)
  expect(width > 0, 'the picture has no width')
  return width
}
