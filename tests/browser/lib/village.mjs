// 前梁村: the agent receives a neighbour's application, and in the end brings the result home.
import { DESK, enter, expect, figures, keep, keepNarrower, later, step, untilDrawn } from './stage.mjs'
import { IS_SHORT, PASSWORD } from './settings.mjs'
import { act, addPaper, caseIsShown, choose, deskIsShown, isDone, leave, openWhenHere, signIn } from './office.mjs'

const AGENT = 'qianliang.agent'
const ALLOWANCE = '370511014000'

export async function walkToTheTown(applicant, papers) {
  figures.people += 1
  const page = await enter(AGENT, DESK)
  await step('the agent is refused with a wrong password', () => refusedSignIn(page))
  await step('the agent signs in', () => signInAfterRefusal(page))
  if (!IS_SHORT) await step('the agent changes to the neighbouring village and back', () => changePosts(page))
  await step('the agent chooses the matter', () => chooseMatter(page))
  await step('a wrong identity number is refused with a summary', () => fillInWrongly(page, applicant))
  await step('the agent corrects it and saves the draft', () => saveDraft(page, applicant))
  if (!IS_SHORT) await step('the draft is changed without unmasking anything', () => changeDraft(page))
  await step('a file of a false type is refused', () => refusedPaper(page, papers))
  await step('scans are added, pictures and a PDF', () => addPapers(page, papers))
  const receipt = await step('the case is filed and the secret shown', () => file(page))
  await step('the case is handed on to the town', () => handOn(page))
  await leave(page)
  return receipt
}

async function refusedSignIn(page) {
  await page.goto('/console/')
  await page.locator('#login-name').fill(AGENT)
  await keep(page, 'sign-in')
  await page.locator('#password').fill('not-the-password')
  await page.locator('[data-action=sign-in]').click()
  await page.locator('.error-summary').waitFor()
  await keep(page, 'sign-in-refused')
}

async function signInAfterRefusal(page) {
  await page.locator('#password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await deskIsShown(page)
  await keep(page, 'village-desk')
}

async function changePosts(page) {
  await page.locator('[data-action=open-seat]').click()
  await page.locator('[data-action=switch-post]').waitFor()
  await keep(page, 'posts')
  await page.locator('[data-action=switch-post]').click()
  await page.locator('.seat__name', { hasText: '林家屋子村' }).waitFor()
  await deskIsShown(page)
  await page.locator('[data-action=open-seat]').click()
  await page.locator('[data-action=switch-post]').click()
  await page.locator('.seat__name', { hasText: '前梁村' }).waitFor()
  await deskIsShown(page)
}

async function chooseMatter(page) {
  await page.locator('.console-nav [data-action=new-case]').click()
  await page.locator(`[data-matter="${ALLOWANCE}"]`).waitFor()
  await keep(page, 'receive-matters')
  await page.locator('#matter-search').fill('残疾补贴')
  await page.locator(`[data-matter="${ALLOWANCE}"]`).click()
  await page.locator('[data-situation=S3]').click()
}

async function fillInWrongly(page, applicant) {
  const last = applicant.identity_number.slice(-1)
  await page.locator('#applicant-name').fill(applicant.name)
  await page.locator('#applicant-identity').fill(applicant.identity_number.slice(0, -1) + (last === '1' ? '2' : '1'))
  await page.locator('#applicant-telephone').fill(applicant.telephone)
  await page.locator('#applicant-address').fill('前梁村 3 组 12 号')
  await page.locator('[data-action=save-draft]').click()
  const summary = page.locator('.error-summary')
  await summary.waitFor()
  expect(await summary.evaluate((box) => box === document.activeElement), 'the summary does not have the focus')
  await keep(page, 'receive-refused')
  await summary.getByRole('link').first().click()
  expect(await page.locator('#applicant-identity').evaluate((field) => field === document.activeElement), 'the summary does not lead to the field')
}

async function saveDraft(page, applicant) {
  await page.locator('#applicant-identity').fill(applicant.identity_number)
  await page.locator('#form-disability_certificate_number').fill(`${applicant.identity_number}42`)
  await choose(page, 'form-disability_category', '肢体')
  await choose(page, 'form-disability_level', '二级')
  await choose(page, 'form-same_kind_benefit', '没有')
  await keep(page, 'receive-filled')
  if (!IS_SHORT) await keepNarrower(page, 'receive')
  await page.locator('[data-action=save-draft]').click()
  await caseIsShown(page)
  await keep(page, 'draft')
}

async function changeDraft(page) {
  await page.locator('[data-action=edit-draft]').click()
  await page.locator('#applicant-address').waitFor()
  const known = await page.locator('#applicant-identity').inputValue()
  expect(/^\d{17}[\dX]$/.test(known), 'the maker of a draft sees it masked')
  await page.locator('#applicant-address').fill('前梁村 3 组 21 号')
  await keep(page, 'draft-change')
  await page.keyboard.press('Alt+Enter')
  await caseIsShown(page)
  await page.getByText('前梁村 3 组 21 号').waitFor()
}

async function refusedPaper(page, papers) {
  const message = page.locator('.upload [role=alert]')
  await page.locator('.papers button[data-material=M2]').click()
  await page.locator('[data-role=file-input]').setInputFiles(papers.text)
  await message.filter({ hasText: '说明.txt' }).waitFor()
  await page.locator('[data-role=file-input]').setInputFiles(papers.falsePicture)
  await message.filter({ hasText: '看内容不是' }).waitFor()
  await keep(page, 'paper-refused')
}

async function addPapers(page, papers) {
  await page.locator('[data-role=original-seen]').click()
  await addPaper(page, 'M2', papers.certificate, '残疾人证.png')
  await addPaper(page, 'M3', papers.identity, '居民身份证.pdf')
  await untilDrawn(page.locator('.viewer object'))
  await keep(page, 'paper-pdf')
  await addPaper(page, 'M5', papers.authority, '委托书.png')
  await page.locator('[data-action=file]:not([aria-disabled])').waitFor()
  await keep(page, 'papers-complete')
}

async function file(page) {
  await page.locator('[data-action=file]').click()
  await isDone(page)
  const secret = (await page.locator('[data-role=issued-secret]').textContent()).trim()
  const caseNo = (await page.locator('[data-role=issued-case-no]').textContent()).replaceAll(' ', '')
  expect(secret.length >= 8, `the secret is too short: ${secret}`)
  await keep(page, 'filed')
  await printReceipt(page, secret)
  await page.locator('[data-action=receipt-given]').click()
  return { caseNo, secret }
}

/** No printer here: what the browser would print is taken out of its frame and looked at. */
async function printReceipt(page, secret) {
  await page.evaluate(() => (window.sheetsPrinted = 0))
  await page.locator('[data-action=print-receipt]').click()
  await page.waitForFunction(() => window.sheetsPrinted === 1)
  const sheet = page.frameLocator('[data-role=receipt-sheet]')
  const text = (await sheet.locator('.paper').textContent()).replaceAll(/\s/g, '')
  expect(text.includes(secret), 'the receipt does not tell the secret')
  await page.locator('[data-role=receipt-sheet]').evaluate((frame) => {
    Object.assign(frame.style, { position: 'fixed', inset: '0', width: '620px', height: '860px', clipPath: 'none', zIndex: 9, background: '#fff' })
  })
  await keep(page, 'receipt-printed', { look: false })
}

async function handOn(page) {
  await later(20)
  await act(page, 'hand_on')
  await page.getByText('在途').first().waitFor()
  await keep(page, 'handed-on')
}

/** Days later: the session has run out meanwhile, so the agent signs in again. */
export async function walkHome(receipt) {
  await later(90)
  const page = await signIn(AGENT)
  await step('the agent brings the result home', async () => {
    await openWhenHere(page, receipt.caseNo, 'deliver')
    await page.locator('#act-note').fill('告知书已送到家，本人签收')
    await keep(page, 'home')
    await act(page, 'deliver')
    await page.getByText('已办结').first().waitFor()
  })
  await step('the record shows every hand that it went through, with hashes', async () => {
    await page.locator('[data-action=show-trail]').click()
    await page.locator('.trail code').first().waitFor()
    const hashes = await page.locator('.trail code').allTextContents()
    expect(hashes.length > 4 && hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash.trim())), `the record has ${hashes.length} hashes`)
    await keep(page, 'record')
  })
  await leave(page)
}
