import type { MatterGuide, MatterRow, Place } from '../src/api/types'
import { ALLOWANCE, relayOf, SUBSIDY } from './relay'

export const matterRows: MatterRow[] = [
  { basic_code: '370511014000', name: '困难残疾人生活补贴和重度残疾人护理补贴资格认定', short_name: '残疾人两项补贴', summary: '低保残疾人和一、二级残疾人，每月领补贴', promised_words: '10 个工作日', project_type: 'promised', route: relayOf(SUBSIDY, { route: true }), status: 'active' },
  { basic_code: '370511001000', name: '最低生活保障审核确认', short_name: '最低生活保障', summary: '家里收入低，申请低保', promised_words: '20 个工作日', project_type: 'promised', route: relayOf(ALLOWANCE, { route: true }), status: 'active' },
]

export const guide: MatterGuide = {
  route: relayOf(SUBSIDY, { route: true }),
  matter: {
    basic_code: '370511014000',
    name: '困难残疾人生活补贴和重度残疾人护理补贴资格认定',
    short_name: '残疾人两项补贴',
    project_type: 'promised',
    status: 'active',
    applicant_kinds: ['person', 'household'],
    summary: '低保残疾人和一、二级残疾人，每月领补贴',
    proxy: { agent_may_file: true, text: '村（居）委会可受托代办', basis: '国发〔2015〕52号' },
    situation_choice: 'one',
    situations: [
      { code: 'S1', title: '困难残疾人生活补贴', hint: '低保家庭成员', note: null },
      { code: 'S2', title: '重度残疾人护理补贴', hint: '残疾等级一级、二级', note: null },
      { code: 'S3', title: '两项同时申请', hint: '一张表，两个结论', note: null },
    ],
    fields: [
      { code: 'category', label: '残疾类别', kind: 'choice', choices: ['视力', '听力', '言语', '肢体', '智力', '精神', '多重'], required: true, hint: '照残疾人证写', when: [] },
      { code: 'level', label: '残疾等级', kind: 'choice', choices: ['一级', '二级', '三级', '四级'], required: true, hint: null, when: [] },
      { code: 'valid', label: '残疾人证有效期至', kind: 'date', choices: [], required: true, hint: null, when: ['S2', 'S3'] },
      { code: 'income', label: '家庭月收入', kind: 'money', choices: [], required: false, hint: '全家合计', when: ['S1', 'S3'] },
    ],
    materials: [
      { code: 'M1', name: '申请审核表', necessity: 'required', original: 1, copy: 0, source: '系统生成', source_text: '保存后打印签字', when: [], by_proxy: false },
      { code: 'M2', name: '残疾人证', necessity: 'required', original: 1, copy: 0, source: '残联核发', source_text: '带原件；有电子证照不用带', when: [], by_proxy: false },
      { code: 'M3', name: '居民身份证或户口簿', necessity: 'required', original: 1, copy: 0, source: '公安', source_text: '带原件', when: [], by_proxy: false },
      { code: 'M4', name: '低保身份', necessity: 'internal', original: 0, copy: 0, source: '民政', source_text: null, when: ['S1', 'S3'], by_proxy: false },
      { code: 'M5', name: '委托书', necessity: 'conditional', original: 1, copy: 0, source: '自备', source_text: '写明代办，双方签字', when: [], by_proxy: true },
      { code: 'M6', name: '社会保障卡账户', necessity: 'tolerant', original: 0, copy: 1, source: '自备', source_text: '发放前补', when: [], by_proxy: false },
    ],
  },
}

export const places: Record<string, Place[]> = {
  '370522000000': [{ id: 370522102000, name: '汀罗镇', level: 5, level_name: '镇街' }, { id: 370522103000, name: '盐窝镇', level: 5, level_name: '镇街' }],
  '370522102000': [{ id: 370522102201, name: '前梁村', level: 6, level_name: '村' }, { id: 370522102202, name: '后梁村', level: 6, level_name: '村' }],
}
