// Anybody with the receipt: number and secret open the way of the case, on a telephone.
import { enter, expect, keep, step } from './stage.mjs'

const TELEPHONE = { width: 375, height: 812 }

export async function follow(receipt, where) {
  const page = await enter('the public', TELEPHONE)
  await step(`the public follows the case, ${where}`, async () => {
    const answer = await page.goto('/follow')
    expect(answer.status() === 200, `the follow page answers ${answer.status()}`)
    await keep(page, `follow-${where}-asked`, { fullPage: true })
    await page.locator('input[name=case_no]').fill(receipt.caseNo)
    await page.locator('input[name=secret]').fill(receipt.secret)
    await page.locator('form[action="/follow"] button').click()
    await page.locator('.relay, .relay-tall').first().waitFor()
    await keep(page, `follow-${where}-screen`, { look: false })
    await keep(page, `follow-${where}`, { fullPage: true })
  })
  await page.context().close()
}
