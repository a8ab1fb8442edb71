"""Vietnamese, Chinese, Korean and Japanese names in Latin letters: family names, and what a syllable looks like.

Frequent family names, gathered by hand, in Hanyu Pinyin, Wade-Giles, the usage of Hong Kong, Singapore and Korea, and
Hepburn; the syllables of Pinyin are those of ISO 7098.
"""

from __future__ import annotations

import re
import unicodedata

from crm_cli.standardize.wordlists import words

__all__ = [
    "JAPANESE_FAMILY", "PINYIN_SYLLABLES", "SINITIC_FAMILY", "SINITIC_STRONG", "SINITIC_SYLLABLES", "VIETNAMESE_FAMILY",
    "VIETNAMESE_LETTERS", "VIETNAMESE_MIDDLE", "VIETNAMESE_ONLY", "WESTERN_FAMILY", "WESTERN_GIVEN", "fold",
    "is_japanese_word", "is_vietnamese_syllable",
]  # fmt: skip

_MARKS = re.compile("[\u0300-\u036f]")
_FINALS = {
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ia ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan v",
    "l": "a e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un v",
    "g k h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j q x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh ch sh": "a e ai ei ao ou an en ang eng ong i u ua uo uai ui uan un uang",
    "r": "e ao ou an en ang eng ong i u uo ui uan un",
    "z c s": "a e ai ei ao ou an en ang eng ong i u uo ui uan un",
    "y": "a ao e i ou an in ang ing ong u ue uan un",
    "w": "a o ai ei an en ang eng u",
}
PINYIN_SYLLABLES = frozenset(
    initial + final for initials, finals in _FINALS.items() for initial in initials.split() for final in finals.split()
) | words("a ai an ang ao e en er ou")
SINITIC_SYLLABLES = PINYIN_SYLLABLES | words(
    """
    tai man wai ming siu fung kwok wing chi ka kar kin yin yan ying yuen kam lai lam lok mei mui nga oi on pak ping po
    pui sau shan shing shuk shun sik sin sum sze tak tang tat ting tsz tung wah wan woon yat yee yeung yi yik yip yiu
    yuk yun yung chung cheuk chau cheung chiu choi chuen chun fai fan fat fei fong fu fuk hang hei hing hiu ho hoi hon
    hong hung hin kai kei keung king kit kiu ko kong koon kuen kui kun kwan kwong kwun kwai lap leung lik ling lit long
    luk lun lung mo mok muk nam ngai ngan ngo ngor ning nin pang pik shek shum suen suet tik tin tim to tong tsang tsun
    tuen wo wu yam yau yuet yue yui lee
    kuan yew ah kow beng boon cheng chok chuan chin eng geok gek guan hock hoe hua huat hwa hwee jin joo kang keng
    kheng khoon kiat kim koon kwang lay leng liang lian lim loong mui neo peng poh poon sim siew sin siok soon swee
    teck tiong wee wei yong yoong hsien hsin hsiu hsing hui hsiao jen jung kuang kuo nien ning shih shu szu tse tsung
    tzu ying yueh yun chieh chien chih ching ching chu chuan chueh hsueh ssu wen
    jong un il sung geun hye young min soo su ji hyun hyeon jun joon seok suk hee kyung kyoung gyeong woo u seong seung
    yeon yoon eun ye in hoon hun chul cheol dong tae dae sang sun seon mi myung myeong na ra ri ryong wook uk won yeong
    byung byeong beom bum chan chang gi ki gu goo gwang han hwan hyo hyuk hyeok jae je jeong ju kwon kyu gyu moon mun
    si seo so sook sub seop taek yul yeol bin bo byul do doo ha hyang jang jee jeon keun kook lim nara shin shik
    """
)
SINITIC_FAMILY = words(
    """
    wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao liang zheng luo song xie tang
    han cao deng xiao feng zeng cheng cai peng pan yuan yu dong su ye lu wei jiang tian du ding shen fan fu
    zhong dai cui ren liao yao fang jin qiu xia tan jia zou shi xiong meng qin yan xue hou lei bai long duan hao
    kong shao mao chang wan gu lai kang yin qian niu hong gong ouyang sima zhuge shangguan situ lv chan wong lam
    cheung leung ng ho lau kwok tsang yip chow chu choi kwan mak siu tse tam yeung lee kim park jung kang cho
    yoon jang lim shin seo kwon hwang ahn moon ryu yoo bae choe
    tsai hsu hsieh hsiao chiang kuo chien tseng teng chou chung chuang tsao chao ong goh koh teo chua toh yeo quek
    seah sim soh tay wee yap loh low foo heng lum fong fung ko kung kwong lui luk mok pang poon shum szeto tong tsoi
    tsui yiu yuen yung au auyeung cheuk chiu choy chui hui ip ling lok man mui ngai shek sit so suen to tsang wan woo
    jeon jeong oh baek nam noh roh hong yun gwon im heo ha min ji jo cha gong sung son song byun kwak namgung namkung
    xi seonu hwangbo jegal dokgo sagong
    """
)
# Those that neither are frequent as a part of a given name nor are Western given names.
SINITIC_STRONG = words(
    """
    wang zhang chen chan liu huang wong zhou zhao xu wu sun zhu guo luo zheng liang xie tang deng cao zeng peng cai
    jiang ding shen ren gao tan lim ng ong goh koh teo chua cheung leung lau kwok tsang yip chow tsai hsu hsieh chang
    lee li kim park choi cho jang kwon hwang yang lin lam ouyang sima zhuge shangguan situ szeto auyeung feng quek yeo
    toh seah pan chiang tseng teng yap yeung mak tse mao xi
    """
)
# Given or family names of other peoples: a word more than with the others must speak for them.
WESTERN_GIVEN = words(
    """
    lee kim park long song han shin son sung min oh jin dong gong hong kang pang pan fan ma jung man sun moon
    low ling lei fang may ren dai an jo su ho cha tay sim lok chad
    """
)
# Western family names that look like two syllables of Pinyin.
WESTERN_FAMILY = words(
    """
    moran duran rubin ruben hagen regan dugan duncan duke lane wade page tate dale lance dean mason susan gage hanan
    paige luna sage wanda pena pina lange lake gates dupuis dumas jude made
    """
)
VIETNAMESE_FAMILY = words(
    """
    nguyen tran le pham huynh hoang phan vu vo dang bui do ho ngo duong ly dao doan vuong trinh truong dinh lam phung
    mai to ha ta luong cao chau thai quach luu tang kieu chu giang ton nghiem mac khuc bach tieu hua diep la thach
    """
)
VIETNAMESE_ONLY = words("nguyen pham huynh tran phan bui truong vuong doan ngo quach luu nghiem")
VIETNAMESE_MIDDLE = words(
    """
    van thi duc minh ngoc quang huu thanh xuan dinh hoang cong viet anh quoc trong ba the gia hong kim my nhu phuong
    thuy thu bich chi dang hai khanh manh ngo nhat tan tien tuan tuong vinh
    """
)
VIETNAMESE_LETTERS = frozenset("ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
JAPANESE_FAMILY = words(
    """
    sato suzuki takahashi tanaka ito watanabe yamamoto nakamura kobayashi kato yoshida yamada sasaki yamaguchi
    matsumoto inoue kimura hayashi shimizu yamazaki yamasaki mori abe ikeda hashimoto yamashita ishikawa nakajima
    maeda fujita ogawa goto okada hasegawa murakami kondo ishii saito sakamoto endo aoki fujii nishimura fukuda ota
    miura fujiwara okamoto matsuda nakagawa nakano harada ono tamura takeuchi kaneko wada nakayama ishida ueda morita
    hara shibata sakai kudo yokoyama miyazaki miyamoto uchida takagi ando shimada taniguchi ohno ono maruyama imai
    takada fujimoto takeda murata ueno sugiyama masuda sugawara hirano otsuka kojima chiba kubo matsui iwasaki
    sakurai kinoshita noguchi matsuo nomura kikuchi sano onishi sugimoto arai hamada ichikawa furukawa mizuno komatsu
    shimamura yamauchi nishida kitamura igarashi yasuda nakata kawaguchi hirata kawasaki honda yoshimura iida sawada
    tsuji yoshioka nakanishi hattori higuchi fukushima akiyama kawamura nagai iwata taguchi morimoto tsuchiya
    nakashima ohashi matsuoka mochizuki nagata okazaki araki okubo hayakawa yano oshima hoshino katayama nishiyama
    yoshino toyoda tokugawa kurosawa miyake baba kuroda tanabe koga kawakami naito shiraishi kodama koike hirose
    """
)
_VIETNAMESE = re.compile(
    r"(?:b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x)?[aeiouy]{1,3}(?:ch|c|m|nh|ng|n|p|t)?"
).fullmatch
_JAPANESE = re.compile(r"(?:(?:[kgsztdnhbpmyrwfj]|[kgnhbpmr]y|sh|ch|ts)?[aiueo]+n?)+").fullmatch


def fold(word: str) -> str:
    """Return a word in small letters without accents, as the lists have it."""
    small = word.lower()
    return small if small.isascii() else _MARKS.sub("", unicodedata.normalize("NFKD", small)).replace("đ", "d")


def is_vietnamese_syllable(key: str) -> bool:
    """Whether a folded word can be a Vietnamese syllable."""
    return _VIETNAMESE(key) is not None


def is_japanese_word(key: str) -> bool:
    """Whether a folded word is made of Japanese syllables."""
    return _JAPANESE(key) is not None
