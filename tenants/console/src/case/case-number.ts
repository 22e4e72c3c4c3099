/** In groups of four, as on the receipt, so that it can be read out. */
export const groupedNumber = (caseNo: string) => (/^\d{16,}$/.test(caseNo) ? caseNo.replace(/(\d{4})(?=\d)/g, '$1 ') : caseNo)
