"""Twenty ordinary sentences in English, Chinese and Arabic, each list a translation of the others."""

# ruff: noqa: RUF001 - Chinese has punctuation of its own

from __future__ import annotations

from typing import Final

__all__ = ["SENTENCES"]

_ENGLISH: Final = """
Excuse me, where is the train station?
The next bus to the airport leaves at nine.
Could you please speak a little slower?
How much does this ticket cost?
I would like a cup of coffee, please.
The museum is closed on Mondays.
We have a reservation for two people.
Is there a pharmacy near here?
My phone battery is almost empty.
The weather will be better tomorrow.
Turn left at the second traffic light.
Thank you very much for your help.
I do not understand what he said.
Can I pay with a credit card?
The restaurant is on the third floor.
Please wait here for five minutes.
She works at a hospital in the city.
What time does the shop open today?
I lost my bag on the train.
Have a good trip and see you soon.
"""

_CHINESE: Final = """
请问火车站在哪里？
下一班去机场的公交车九点开。
您能说得慢一点吗？
这张票多少钱？
我想要一杯咖啡，谢谢。
博物馆星期一不开门。
我们预订了两个人的位子。
这附近有药店吗？
我的手机快没电了。
明天的天气会更好。
在第二个红绿灯左转。
非常感谢您的帮助。
我不明白他说了什么。
可以用信用卡付款吗？
餐厅在三楼。
请在这里等五分钟。
她在城里的一家医院工作。
商店今天几点开门？
我把包丢在火车上了。
祝你旅途愉快，回头见。
"""

_ARABIC: Final = """
عفوا، أين محطة القطار؟
تغادر الحافلة التالية إلى المطار في التاسعة.
هل يمكنك التحدث ببطء من فضلك؟
كم سعر هذه التذكرة؟
أريد فنجان قهوة من فضلك.
المتحف مغلق يوم الاثنين.
لدينا حجز لشخصين.
هل توجد صيدلية قريبة من هنا؟
بطارية هاتفي على وشك النفاد.
سيكون الطقس أفضل غدا.
انعطف يسارا عند الإشارة الثانية.
شكرا جزيلا على مساعدتك.
لم أفهم ما قاله.
هل يمكنني الدفع ببطاقة الائتمان؟
المطعم في الطابق الثالث.
من فضلك انتظر هنا خمس دقائق.
تعمل في مستشفى في المدينة.
متى يفتح المتجر اليوم؟
فقدت حقيبتي في القطار.
رحلة سعيدة وإلى اللقاء.
"""

SENTENCES: Final = {
    "en": tuple(_ENGLISH.split("\n")[1:-1]),
    "zh": tuple(_CHINESE.split("\n")[1:-1]),
    "ar": tuple(_ARABIC.split("\n")[1:-1]),
}
"""By language; no native speaker has reviewed the translations."""
