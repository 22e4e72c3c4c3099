// Papers as a village office would scan them: drawn by the browser, so that they are real pictures and a real PDF.
import { mkdirSync, writeFileSync } from 'node:fs'
import { PICTURES } from './settings.mjs'
import { enter } from './stage.mjs'

const PAGE_LOOK = `
  body { margin: 0; padding: 56px; background: #f4f1e8; color: #23262b; font: 20px/1.7 'Noto Sans CJK SC', sans-serif; }
  h1 { margin: 0 0 28px; font-size: 30px; text-align: center; letter-spacing: 0.2em; }
  table { width: 100%; border-collapse: collapse; background: #fdfcf7; }
  td, th { padding: 10px 14px; border: 1.5px solid #50555d; font-weight: 400; text-align: left; }
  th { width: 7em; color: #50555d; }
  .seal { position: absolute; right: 120px; bottom: 90px; width: 150px; height: 150px; border: 5px solid #b8423a; border-radius: 50%;
    color: #b8423a; display: grid; place-items: center; text-align: center; font-size: 17px; transform: rotate(-9deg); opacity: 0.75; }
  p { margin: 28px 0 0; }
`
const page = (title, rows, note, seal) => `<!doctype html><html lang="zh-CN"><head><title>${title}</title><style>${PAGE_LOOK}</style></head><body>
  <h1>${title}</h1><table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join('')}</table><p>${note}</p>
  ${seal ? `<div class="seal">${seal}</div>` : ''}</body></html>`

/** Files of an application; the false one calls itself a picture and is none. */
export async function draw(applicant) {
  const folder = `${PICTURES}/papers`
  mkdirSync(folder, { recursive: true })
  const files = {
    certificate: `${folder}/残疾人证.png`,
    identity: `${folder}/居民身份证.pdf`,
    authority: `${folder}/委托书.png`,
    falsePicture: `${folder}/其实是文字.png`,
    text: `${folder}/说明.txt`,
  }
  const table = await enter('a table to draw on', { width: 900, height: 1180 })
  await table.setContent(
    page(
      '残疾人证（内页）',
      [
        ['姓名', applicant.name],
        ['证号', `${applicant.identity_number}42`],
        ['残疾类别', '肢体'],
        ['残疾等级', '二级'],
        ['发证日期', '2019年6月12日'],
        ['有效期至', '2029年6月11日'],
        ['监护人', '—'],
        ['家庭住址', '利津县汀罗镇前梁村'],
        ['发证单位', '利津县残疾人联合会'],
      ],
      '样例，不是真的证件。',
      '样例<br>利津县残联',
    ),
  )
  await table.screenshot({ path: files.certificate })
  await table.setContent(
    page('授权委托书', [['委托人', applicant.name], ['受托人', '前梁村村民委员会'], ['委托事项', '残疾人两项补贴的申请、补正和领取结果']],
      '委托人行动不便，委托村民委员会代为办理以上事项。　　2026年9月18日', '样例<br>前梁村'),
  )
  await table.screenshot({ path: files.authority })
  await table.setContent(page('居民身份证（正反面）', [['姓名', applicant.name], ['公民身份号码', applicant.identity_number]], '样例，不是真的证件。', ''))
  await table.pdf({ path: files.identity, format: 'A5' })
  await table.context().close()
  writeFileSync(files.falsePicture, '这不是图片，只是改了名字。')
  writeFileSync(files.text, '说明')
  return files
}
