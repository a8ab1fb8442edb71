"""Words of person names: titles, suffixes, particles, family names by which the order of a name is known."""

from __future__ import annotations

from crm_cli.standardize.wordlists import words

__all__ = [
    "AMBIGUOUS_TITLES", "CHINESE_COMPOUND", "CHINESE_SURNAMES", "COMMA_SUFFIXES",
    "FAMILY_FIRST_COUNTRIES", "IBERIAN_COUNTRIES", "JAPANESE_SURNAMES",
    "KOREAN_COMPOUND",
    "LOWER_PARTICLES", "MAC_NAMES", "NICKNAMES", "PARTICLES", "PINYIN_SURNAMES", "SPANISH_GIVEN", "SUFFIXES", "TITLES",
    "VIETNAMESE_SURNAMES",
]  # fmt: skip

TITLES = {
    "mr": "Mr.", "mrs": "Mrs.", "ms": "Ms.", "miss": "Miss", "mx": "Mx.", "dr": "Dr.", "prof": "Prof.", "rev": "Rev.",
    "reverend": "Rev.", "hon": "Hon.", "sir": "Sir", "dame": "Dame", "lord": "Lord", "lady": "Lady", "capt": "Capt.",
    "captain": "Capt.", "col": "Col.", "colonel": "Col.", "gen": "Gen.", "general": "Gen.", "lt": "Lt.", "maj": "Maj.",
    "major": "Maj.", "sgt": "Sgt.", "fr": "Fr.", "doctor": "Dr.", "professor": "Prof.", "mister": "Mr.", "herr": "Herr",
    "frau": "Frau", "hr": "Hr.", "fräulein": "Fräulein", "m": "M.", "mme": "Mme", "mlle": "Mlle", "monsieur": "M.",
    "madame": "Mme", "mademoiselle": "Mlle", "sr": "Sr.", "sra": "Sra.", "srta": "Srta.", "don": "Don", "doña": "Doña",
    "señor": "Sr.", "señora": "Sra.", "sig": "Sig.", "sig.ra": "Sig.ra", "signor": "Sig.", "signora": "Sig.ra",
    "dott": "Dott.", "dott.ssa": "Dott.ssa", "dra": "Dra.", "ing": "Ing.", "dipl.-ing": "Dipl.-Ing.", "mag": "Mag.",
    "dhr": "Dhr.", "mevr": "Mevr.", "mw": "Mw.", "drs": "Drs.", "ir": "Ir.", "pan": "Pan", "pani": "Pani", "bay": "Bay",
    "shri": "Shri", "smt": "Smt.", "datuk": "Datuk", "dato": "Dato", "tan sri": "Tan Sri", "haji": "Haji",
    "sheikh": "Sheikh",
    "rabbi": "Rabbi", "pastor": "Pastor", "judge": "Judge", "sen": "Sen.", "rep": "Rep.", "gov": "Gov.",
}  # fmt: skip
# Titles that are given or family names as often; taken as titles only where a point or another title stands by.
AMBIGUOUS_TITLES = words("m sr don major general pan bay ir sen rep fr pastor judge lord ing haji dame mag col gen")
SUFFIXES = {
    "jr": "Jr.", "sr": "Sr.", "junior": "Jr.", "senior": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "2nd": "II",
    "3rd": "III", "4th": "IV", "phd": "PhD", "ph.d": "PhD", "md": "MD", "m.d": "MD", "esq": "Esq.", "esquire": "Esq.",
    "dds": "DDS", "d.d.s": "DDS", "dvm": "DVM", "jd": "JD", "j.d": "JD", "mba": "MBA", "m.b.a": "MBA", "cpa": "CPA",
    "c.p.a": "CPA", "rn": "RN", "r.n": "RN", "do": "DO", "d.o": "DO", "od": "OD", "dmd": "DMD", "edd": "EdD",
    "ed.d": "EdD", "obe": "OBE", "mbe": "MBE", "cbe": "CBE", "kbe": "KBE", "qc": "QC", "kc": "KC", "pe": "PE",
    "p.e": "PE", "msc": "MSc", "bsc": "BSc", "llm": "LLM", "llb": "LLB", "cfa": "CFA", "pmp": "PMP", "usn": "USN",
    "usmc": "USMC", "ret": "Ret.", "neto": "Neto", "filho": "Filho", "júnior": "Júnior",
}  # fmt: skip
# Suffixes that are family names as often ("Do" is a frequent Vietnamese and Korean one): only after a comma.
COMMA_SUFFIXES = words("do od pe ret neto filho júnior rn qc kc")
PARTICLES = words(
    """
    de da do di du del della delle degli dei dal dalla das dos des la las le les lo los van von vom zu zum zur
    der den ter ten te het 't op in y e af av bin bint binti ibn ben bat al el ul ur abu st san santa mac mc o
    d' dello dell' della' della af' auf
    """
)
LOWER_PARTICLES = words(
    "de da do das dos del du von vom zu zum zur der den ter ten het 't op y e af av bin bint binti ibn la las los"
)
MAC_NAMES = words(
    """
    macdonald macarthur macleod mackenzie mackay mackinnon mackintosh maclean maclaren macmillan macpherson
    macgregor macdougall macduff macbeth macaulay macallister macalister macfarlane macneil macneill macrae
    macintyre macintosh macdonnell macbride maccallum maccormack maccormick macdiarmid macdowell macewan macewen
    macfadden macfadyen macgillivray macgowan macgrath macgraw macguire macinnes macisaac maciver macivor
    maclachlan maclaughlin maclellan maclennan macmahon macmaster macmullen macnab macnamara macnaughton
    macnicol macphail macphee macqueen macquarie mactaggart mactavish macvicar macwilliam macwilliams
    """
)
NICKNAMES = {
    "bill": "William", "billy": "William", "will": "William", "bob": "Robert", "bobby": "Robert", "rob": "Robert",
    "jim": "James", "jimmy": "James", "mike": "Michael", "mick": "Michael", "dick": "Richard", "rick": "Richard",
    "rich": "Richard", "tom": "Thomas", "tommy": "Thomas", "dave": "David", "joe": "Joseph", "chuck": "Charles",
    "charlie": "Charles", "ted": "Edward", "ed": "Edward", "eddie": "Edward", "ned": "Edward", "dan": "Daniel",
    "danny": "Daniel", "matt": "Matthew", "tony": "Anthony", "steve": "Stephen", "ken": "Kenneth", "ron": "Ronald",
    "tim": "Timothy", "greg": "Gregory", "jeff": "Jeffrey", "andy": "Andrew", "drew": "Andrew", "larry": "Lawrence",
    "liz": "Elizabeth", "beth": "Elizabeth", "betty": "Elizabeth", "lizzie": "Elizabeth", "kate": "Katherine",
    "kathy": "Katherine", "katie": "Katherine", "peggy": "Margaret", "meg": "Margaret", "maggie": "Margaret",
    "sue": "Susan", "susie": "Susan", "barb": "Barbara", "deb": "Deborah", "debbie": "Deborah", "pam": "Pamela",
    "patty": "Patricia", "patti": "Patricia", "jen": "Jennifer", "jenny": "Jennifer", "becky": "Rebecca",
    "vicky": "Victoria",
    "cindy": "Cynthia", "sandy": "Sandra", "mandy": "Amanda", "abby": "Abigail", "nick": "Nicholas", "ben": "Benjamin",
    "sam": "Samuel", "alex": "Alexander", "zach": "Zachary", "josh": "Joshua", "jon": "Jonathan", "pete": "Peter",
    "phil": "Philip", "fred": "Frederick", "gus": "Augustus", "walt": "Walter", "ray": "Raymond", "vince": "Vincent",
}  # fmt: skip

FAMILY_FIRST_COUNTRIES = frozenset({"CN", "TW", "HK", "MO", "KR", "KP", "VN", "HU", "SG", "MY"})
IBERIAN_COUNTRIES = words("ES MX AR CO CL PE VE EC GT CU BO DO HN PY SV NI CR PA UY PR GQ")

# Given names that often stand second, so that "María José Pérez" has one family name.
SPANISH_GIVEN = words(
    """
    josé jose maría maria jesús jesus luis carlos antonio juan manuel miguel ángel angel francisco javier fernando pedro
    pablo rafael alberto alejandro andrés andres eduardo enrique ernesto felipe gabriel guillermo ignacio jaime jorge
    ramón ramon ricardo roberto sergio víctor victor ana carmen isabel teresa elena dolores pilar luz cristina patricia
    victoria fernanda guadalupe rosa elisa eugenia luisa beatriz mercedes soledad
    """
)
CHINESE_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高梁郑鄭罗羅宋谢謝唐韩韓曹许許邓鄧萧蕭肖冯馮曾程蔡彭潘袁于董余苏蘇叶葉吕呂魏蒋蔣田杜丁沈姜范"
    "江傅钟鐘鍾卢盧汪戴崔任陆陸廖姚方金邱丘夏谭譚韦韋贾賈邹鄒石熊孟秦阎閻闫薛侯雷白龙龍段郝孔邵史毛常万萬顾顧赖賴武康贺賀严嚴尹钱錢施牛洪龚龔汤湯陶"
    "黎温溫莫易樊乔喬文安殷颜顏庄莊章鲁魯倪庞龐邢俞翟蓝藍聂聶齐齊向申葛柴伍覃骆駱关關焦柳欧歐祝纪紀尚毕畢耿芦左季管符辛苗詹曲靳祁路涂兰蘭甘裴梅童"
    "翁霍游阮尤岳柯牟滕谷舒卜成饶饒宁寧凌盛查单單冉鲍鮑华華包屈房喻解蒲卫衛简簡时時连連车車项項闵閔邬鄔吉党黨阳陽司费費蔺席晏隋古强穆姬麦麥褚娄婁窦竇"
    "戚岑景宫宮苟荀嵇巫佟桂柏全沙匡卓仇池敖冷巩鞏湛卞应應瞿花艾鄢苑邝鄺商封诸諸明"
)
CHINESE_COMPOUND = words(
    """
    欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 司徒 令狐 夏侯 长孙 長孫 宇文
    轩辕 軒轅 端木 南宫 南宮 独孤 獨孤 西门 西門 百里 呼延 东郭 東郭 闻人 聞人 澹台 澹臺 公冶 淳于 单于 太史
    申屠 仲孙 仲孫 钟离 鐘離 赫连 赫連 濮阳 濮陽 完颜 拓跋 第五 万俟
    """
)
KOREAN_COMPOUND = words("남궁 황보 제갈 사공 선우 서문 독고 동방 어금 망절")
JAPANESE_SURNAMES = words(
    """
    佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 斎藤 斉藤
    齋藤 齊藤 清水 山崎 阿部 池田 橋本 石川 前田 藤田 後藤 小川 岡田 長谷川 村上 近藤 石井 坂本 遠藤 青木 藤井
    西村 福田 太田 三浦 藤原 岡本 松田 中川 中野 原田 小野 田村 竹内 金子 和田 中山 石田 上田 森田 柴田 酒井 原
    工藤 横山 宮崎 宮本 内田 高木 安藤 島田 谷口 大野 丸山 今井 高田 藤本 河野 小島 村田 武田 上野 杉山 増田
    平野 大塚 千葉 久保 松井 岩崎 木下 桜井 野口 松尾 野村 菊地 佐野 大西 杉本 新井 古川 浜田 市川 小松 高野
    水野 吉川 山内 西田 菊池 西川 北村 五十嵐 安田 中田 川口 平田 川崎 本田 久保田 吉村 飯田 沢田 辻 関 吉岡
    中西 服部 樋口 福島 秋山 川村 永井 岩田 田口 森本 土屋 中島 大橋 松岡 望月 永田 小山 東 岡崎 荒木 大久保
    早川 矢野 菅原 大島 林 森 森川 星野 片山 堀 西山 吉野 南 豊田 徳川 織田 明智 安倍 鳩山 孫 柳井 三木 伊達
    本間 堤 岡 三宅 馬場 須藤 黒田 田辺 星 古賀 川上 内藤 白石 児玉 小池
    """
)
PINYIN_SURNAMES = words(
    """
    wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao liang zheng luo song xie tang
    han cao deng xiao feng zeng cheng cai peng pan yuan yu dong su ye lu wei jiang tian du ding shen fan fu
    zhong dai cui ren liao yao fang jin qiu xia tan jia zou shi xiong meng qin yan xue hou lei bai long duan hao
    kong shao mao chang wan gu lai kang yin qian niu hong gong ouyang sima zhuge shangguan situ lv chan wong lam
    cheung leung ng ho lau kwok tsang yip chow chu choi kwan mak siu tse tam yeung lee kim park jung kang cho
    yoon jang lim shin seo kwon hwang ahn moon ryu yoo bae choe
    """
)
VIETNAMESE_SURNAMES = words(
    """
    nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn vương trịnh trương đinh lâm
    phùng mai tô hà tạ nguyen tran le pham hoang huynh vu vo dang bui do ho ngo duong ly dao doan vuong trinh
    truong dinh lam phung to ha ta
    """
)
