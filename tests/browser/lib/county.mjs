// 利津县: the federation examines the disability; the civil affairs bureau examines and decides, by two accounts of one office.
import { expect, figures, keep, keepNarrower, later, step, untilDrawn } from './stage.mjs'
import { act, leave, lookAtPicture, openWhenHere, signIn } from './office.mjs'

export async function examineAtTheFederation(receipt) {
  figures.people += 1
  await later(24 * 60)
  const page = await signIn('lijin.federation')
  await step('the county sees the scanned certificate', async () => {
    await openWhenHere(page, receipt.caseNo, 'review')
    await lookAtPicture(page, 'M2')
    await page.locator('#act-opinion').fill('肢体二级，残疾人证有效，与残联登记一致。')
    await keep(page, 'county-case')
    await keepNarrower(page, 'county-case')
  })
  await step('the county turns and enlarges the paper and opens the PDF', () => handlePapers(page))
  await step('the county looks behind the masks, with a reason', () => unmask(page))
  await step('the federation passes it to civil affairs', () => act(page, 'review'))
  await leave(page)
}

async function handlePapers(page) {
  await page.keyboard.press('Alt+Equal')
  await page.keyboard.press('Alt+KeyR')
  await keep(page, 'paper-turned')
  const answered = page.waitForResponse((response) => /\/materials\/M3\/1$/.test(response.url()))
  await page.locator('.papers button[data-material=M3]').click()
  const type = (await answered).headers()['content-type']
  expect(type === 'application/pdf', `the PDF came as ${type}`)
  await untilDrawn(page.locator('.viewer object'))
  await keep(page, 'county-pdf')
  await lookAtPicture(page, 'M2')
}

async function unmask(page) {
  await page.locator('[data-action=ask-unmask]').click()
  await page.locator('#unmask-reason').fill('核对残疾人证号')
  await page.locator('[data-action=unmask]').click()
  await page.locator('[data-action=hide-full]').waitFor()
  await keep(page, 'unmasked')
}

export async function decide(receipt) {
  figures.people += 1
  await later(24 * 60)
  const reviewer = await signIn('lijin.civil.review')
  await step('civil affairs examines', async () => {
    await openWhenHere(reviewer, receipt.caseNo, 'review')
    await reviewer.locator('#act-opinion').fill('低保身份已核，没有重复享受。')
    await keep(reviewer, 'county-examines')
    await act(reviewer, 'review')
  })
  await leave(reviewer)
  const decider = await signIn('lijin.civil.decide')
  await step('civil affairs decides', async () => {
    await openWhenHere(decider, receipt.caseNo, 'decide')
    await decider.keyboard.press('Alt+Enter')
    await decider.locator('.next .error-summary').waitFor()
    await keep(decider, 'outcome-missing')
    await decider.locator('[data-outcome=granted]').click()
    await decider.locator('#act-opinion').fill('符合条件，准予发放。')
    await decider.locator('#act-result_number').fill('利民补〔2026〕101号')
    await keep(decider, 'decision')
    await act(decider, 'decide')
    await keep(decider, 'decided')
  })
  await leave(decider)
}
